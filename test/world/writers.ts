import type { Sent } from './platform.ts';
import type { Machine } from './time.ts';

/** A clock: when it read what it acts on, and when it gave its lease up, epoch ms. */
export type Writer = { readonly readAt: number; readonly gaveUpAt: number | undefined };
type Patch = Sent & { readonly readAt: number };
type Broken = (law: 'fight' | 'two writers', at: number, text: string) => void;

const LEASE_TICKS = 1.5;
const FIGHT_TICKS = 4;

/** The law that one clock acts at a time. */
export class Writers {
  readonly #patches = new Map<string, readonly Patch[]>();
  readonly #tickMs: number;
  readonly #broken: Broken;

  constructor(tickMs: number, broken: Broken) {
    this.#tickMs = tickMs;
    this.#broken = broken;
  }

  /** `leaseUnsureUntil`: until then (epoch ms) the lease may have been lost. */
  patched(patch: Patch, leaseUnsureUntil: number, writerOf: (machine: Machine) => Writer | undefined): void {
    const patches = [...(this.#patches.get(patch.type) ?? []), patch].slice(-3);
    this.#patches.set(patch.type, patches);
    const [c, b, a] = patches.toReversed();
    if (c === undefined || b === undefined || c.machine === b.machine) return;
    const tickMs = this.#tickMs;
    if (
      a !== undefined &&
      a.machine === c.machine &&
      c.at - a.at < FIGHT_TICKS * tickMs &&
      a.quantity !== b.quantity &&
      b.quantity !== c.quantity
    ) {
      const words = [a, b, c]
        .map(({ machine, quantity }) => `${machine.name} ${String(quantity)}`)
        .join(', ');
      this.#broken('fight', c.at, `two clocks write in turns: ${words}`);
    }
    const gaveUpAt = writerOf(b.machine)?.gaveUpAt;
    const free = b.readAt + LEASE_TICKS * tickMs - 500;
    if (c.at < free && (gaveUpAt === undefined || gaveUpAt > c.at) && c.at > leaseUnsureUntil) {
      this.#broken('two writers', c.at, `${c.machine.name} writes while ${b.machine.name} has the lease`);
    }
  }
}
