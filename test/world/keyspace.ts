import { ReplyError } from './reply.ts';

type Kind = 'string' | 'list' | 'hash' | 'set' | 'zset';
/** Members with their scores, lowest first. */
type Sorted = readonly (readonly [member: string, score: number])[];
type Value =
  | { readonly kind: 'string'; text: string }
  | { readonly kind: 'list'; readonly items: string[] }
  | { readonly kind: 'hash'; readonly fields: Map<string, string> }
  | { readonly kind: 'set'; readonly members: Set<string> }
  | { readonly kind: 'zset'; readonly scores: Map<string, number>; sorted?: Sorted | undefined };
type SortedSet = Extract<Value, { kind: 'zset' }>;
type Slot = { readonly value: Value; expiresAt: number };

const WRONGTYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';

/** The data of a Redis: keys with values of five kinds, and when they expire. What reads or changes one throws a ReplyError where it holds another kind. */
export class Keyspace {
  readonly #slots = new Map<string, Slot>();
  readonly #now: () => number;

  /** `now`: epoch ms by this Redis. */
  constructor(now: () => number) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  keys(): string[] {
    return [...this.#slots.keys()].filter((key) => this.#slot(key) !== undefined);
  }

  snapshot(): () => void {
    const kept = new Map([...this.#slots].map(([key, slot]) => [key, structuredClone(slot)]));
    return () => {
      this.#slots.clear();
      for (const [key, slot] of kept) this.#slots.set(key, slot);
    };
  }

  delete(key: string): boolean {
    const there = this.#slot(key) !== undefined;
    this.#slots.delete(key);
    return there;
  }

  typeOf(key: string): Kind | 'none' {
    return this.#slot(key)?.value.kind ?? 'none';
  }

  expire(key: string, at: number): boolean {
    const slot = this.#slot(key);
    if (slot === undefined) return false;
    slot.expiresAt = at;
    return true;
  }

  /** As PTTL: -2 without the key, -1 without an expiry. */
  ttlMs(key: string): number {
    const slot = this.#slot(key);
    if (slot === undefined) return -2;
    return slot.expiresAt === Infinity ? -1 : Math.ceil(slot.expiresAt - this.now());
  }

  text(key: string): string | null {
    return this.#value(key, 'string')?.text ?? null;
  }

  set(key: string, text: string, expiresAt = Infinity): void {
    this.#slots.set(key, { value: { kind: 'string', text }, expiresAt });
  }

  list(key: string): readonly string[] {
    return this.#value(key, 'list')?.items ?? [];
  }

  changeList(key: string, change: (items: string[]) => void): void {
    const value = this.#value(key, 'list') ?? this.#made(key, { kind: 'list', items: [] });
    change(value.items);
    if (value.items.length === 0) this.#slots.delete(key);
  }

  hash(key: string): ReadonlyMap<string, string> {
    return this.#value(key, 'hash')?.fields ?? new Map<string, string>();
  }

  changeHash(key: string, change: (fields: Map<string, string>) => void): void {
    const value = this.#value(key, 'hash') ?? this.#made(key, { kind: 'hash', fields: new Map() });
    change(value.fields);
    if (value.fields.size === 0) this.#slots.delete(key);
  }

  members(key: string): ReadonlySet<string> {
    return this.#value(key, 'set')?.members ?? new Set<string>();
  }

  changeMembers(key: string, change: (members: Set<string>) => void): void {
    const value = this.#value(key, 'set') ?? this.#made(key, { kind: 'set', members: new Set() });
    change(value.members);
    if (value.members.size === 0) this.#slots.delete(key);
  }

  scores(key: string): ReadonlyMap<string, number> {
    return this.#value(key, 'zset')?.scores ?? new Map<string, number>();
  }

  sorted(key: string): Sorted {
    const value = this.#value(key, 'zset');
    if (value === undefined) return [];
    return (value.sorted ??= [...value.scores].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)));
  }

  changeScores(key: string, change: (scores: Map<string, number>) => void): void {
    const value = this.#value(key, 'zset') ?? this.#made<SortedSet>(key, { kind: 'zset', scores: new Map() });
    change(value.scores);
    value.sorted = undefined;
    if (value.scores.size === 0) this.#slots.delete(key);
  }

  #made<T extends Value>(key: string, value: T): T {
    this.#slots.set(key, { value, expiresAt: Infinity });
    return value;
  }

  #value<K extends Kind>(key: string, kind: K): Extract<Value, { kind: K }> | undefined {
    const value = this.#slot(key)?.value;
    if (value === undefined) return undefined;
    if (value.kind !== kind) throw new ReplyError(WRONGTYPE);
    return value as Extract<Value, { kind: K }>;
  }

  #slot(key: string): Slot | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined || slot.expiresAt === Infinity || slot.expiresAt > this.now()) return slot;
    this.#slots.delete(key);
    return undefined;
  }
}
