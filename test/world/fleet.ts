import { DynoProcess, type Run, type Surroundings } from './dyno.ts';
import { LONGEST_BOOT, SHORTEST_BOOT, type StoryType } from './story.ts';

/** After this time a tick has read that a dyno is up, so its boot has been counted. */
const COUNTED_MS = 90_000;
/** A restart that comes later after a scale-up teaches no boot. */
const WATCHED_MS = 300_000;

/** The dynos of one process type on the platform, which stops the highest numbers first. */
export class Fleet {
  readonly type: StoryType;
  readonly #world: Surroundings;
  readonly #dynos = new Map<number, DynoProcess | undefined>();
  readonly #leaving = new Set<DynoProcess>();
  /** When the quantity was raised to a dyno whose boot may not have been counted yet (epoch ms). */
  readonly #raisedAt = new Map<number, number>();
  /** The longest from a scale-up to the start of a dyno of it: one that was restarted meanwhile is learned with both boots. */
  longestBootMs = 0;
  #generation = 0;

  constructor(world: Surroundings, type: StoryType) {
    this.#world = world;
    this.type = type;
  }

  /** All that runs on dynos with a number above this one, and is not about to end anyway. */
  runsAbove(quantity: number): { readonly dyno: DynoProcess; readonly run: Run }[] {
    return [...this.#dynos.values()].flatMap((dyno) =>
      dyno !== undefined && dyno.ordinal > quantity ? dyno.runs.map((run) => ({ dyno, run })) : [],
    );
  }

  get running(): number {
    const dynos = [...this.#dynos.values(), ...this.#leaving];
    return dynos.reduce((sum, dyno) => sum + (dyno?.runs.length ?? 0), 0);
  }

  /** Whether one of them has not come up yet. */
  get boots(): boolean {
    return [...this.#dynos.values()].includes(undefined);
  }

  /** The start of the one that has been up for longest (epoch ms); Infinity: none is up. */
  get upSince(): number {
    return Math.min(...[...this.#dynos.values()].map((dyno) => dyno?.machine.startedAt ?? Infinity));
  }

  scale(quantity: number): void {
    for (const [ordinal, dyno] of this.#dynos) {
      if (ordinal <= quantity) continue;
      this.#dynos.delete(ordinal);
      this.#end(dyno);
    }
    for (let ordinal = 1; ordinal <= quantity; ordinal += 1) {
      if (this.#dynos.has(ordinal)) continue;
      this.#raisedAt.set(ordinal, this.#world.time.now);
      this.#boot(ordinal, this.type.bootMs);
    }
  }

  /** A deploy: the new processes start while the old ones still end. */
  restart(): void {
    for (const [ordinal, dyno] of this.#dynos) {
      this.#end(dyno);
      this.#boot(ordinal, this.type.bootMs);
    }
  }

  crash(ordinal: number, restartMs: number): void {
    if (!this.#dynos.has(ordinal)) return;
    this.#dynos.get(ordinal)?.kill();
    this.#boot(ordinal, restartMs);
  }

  at(ordinal: number): DynoProcess | undefined {
    return this.#dynos.get(ordinal);
  }

  poke(): void {
    for (const dyno of this.#dynos.values()) dyno?.poke();
  }

  #boot(ordinal: number, bootMs: number): void {
    const before = this.#dynos.get(ordinal)?.machine.startedAt ?? Infinity;
    if (this.#world.time.now - before > COUNTED_MS) this.#raisedAt.delete(ordinal);
    this.#dynos.set(ordinal, undefined);
    this.#generation += 1;
    const generation = this.#generation;
    this.#booting.set(ordinal, generation);
    this.#world.time.after(
      bootMs * (SHORTEST_BOOT + (LONGEST_BOOT - SHORTEST_BOOT) * this.#world.random()),
      () => {
        if (this.#booting.get(ordinal) !== generation || !this.#dynos.has(ordinal)) return;
        this.#dynos.set(ordinal, new DynoProcess(this.#world, this.type, ordinal, generation));
        const bootedMs = this.#world.time.now - (this.#raisedAt.get(ordinal) ?? -Infinity);
        if (bootedMs <= WATCHED_MS) this.longestBootMs = Math.max(this.longestBootMs, bootedMs);
      },
    );
  }

  readonly #booting = new Map<number, number>();

  #end(dyno: DynoProcess | undefined): void {
    if (dyno === undefined) return;
    this.#leaving.add(dyno);
    dyno.terminate();
    this.#world.time.after(31_000, () => this.#leaving.delete(dyno));
  }
}
