import { syncBuiltinESMExports } from 'node:module';
import timersModule from 'node:timers/promises';

/** One computer or process: what happens on it stops, is delayed or ends with it. */
export type Machine = {
  readonly name: string;
  /** What its wall clock shows besides the true time. */
  skewMs: number;
  readonly startedAt: number;
  state: 'running' | 'stopped' | 'dead';
  /** What came while it was stopped, in its order. */
  held: Entry[];
};

export type Entry = {
  at: number;
  readonly seq: number;
  readonly machine: Machine | undefined;
  readonly run: () => void;
  /** Whether promises may hang on it: then all of them settle before the next event. */
  readonly settles: boolean;
  cancelled: boolean;
};

const realImmediate = setImmediate;
const RealDate = Date;
/** A world in which more happens at one instant goes round in circles. */
const MOST_AT_ONE_INSTANT = 200_000;

/**
 * Discrete time: events in the order of their instants, one after another, each with all promises that hang on it. As
 * an event belongs to one machine, whatever runs until the next one runs there: that is how the code under test, which
 * asks the process for its time and its timers, is given those of its machine.
 */
export class Time {
  now: number;
  readonly #heap: Entry[] = [];
  #seq = 0;
  #current: Machine | undefined;
  #sameInstant = 0;

  constructor(now: number) {
    this.now = now;
  }

  machine(name: string): Machine {
    return { name, skewMs: 0, startedAt: this.now, state: 'running', held: [] };
  }

  /** Something outside the code under test: no promise hangs on it. */
  after(ms: number, run: () => void, machine?: Machine): Entry {
    return this.#add(ms, run, machine, false);
  }

  /** Runs on a machine, with everything that follows from it before the next event. */
  on(machine: Machine, ms: number, run: () => void): Entry {
    return this.#add(ms, run, machine, true);
  }

  stop(machine: Machine): void {
    if (machine.state === 'running') machine.state = 'stopped';
  }

  wake(machine: Machine): void {
    if (machine.state !== 'stopped') return;
    machine.state = 'running';
    for (const entry of machine.held.splice(0)) {
      if (entry.cancelled) continue;
      entry.at = this.now;
      this.#push(entry);
    }
  }

  async advance(until: number): Promise<void> {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      if (next.cancelled || next.machine?.state === 'dead') continue;
      if (next.machine?.state === 'stopped') {
        next.machine.held.push(next);
        continue;
      }
      this.#sameInstant = next.at > this.now ? 0 : this.#sameInstant + 1;
      if (this.#sameInstant > MOST_AT_ONE_INSTANT) throw new Error('time does not go on');
      this.now = Math.max(this.now, next.at);
      this.#current = next.machine;
      next.run();
      if (next.settles) {
        await new Promise<void>((resolve) => {
          realImmediate(resolve);
        });
      }
      this.#current = undefined;
    }
    this.now = until;
  }

  /** Puts this time in the place of the process's until the answer is called. */
  install(): () => void {
    const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout, AbortSignal } = globalThis;
    const timeout = Object.getOwnPropertyDescriptor(AbortSignal, 'timeout');
    const realDelay = timersModule.setTimeout;
    const wall = (): number => Math.floor(this.now + (this.#current?.skewMs ?? 0));
    const startedAt = (): number => this.#current?.startedAt ?? 0;

    const after = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown => {
      const entry = this.#add(Math.max(1, Math.ceil(ms)), () => run(...args), this.#current, true);
      return Object.assign(entry, { unref: () => entry, ref: () => entry });
    };
    const cancel = (entry: unknown): void => {
      if (typeof entry === 'object' && entry !== null) (entry as Entry).cancelled = true;
    };
    const delay = async (ms = 0, value?: unknown, options: { signal?: AbortSignal } = {}): Promise<unknown> =>
      await new Promise((resolve, reject) => {
        const { signal } = options;
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const entry = after(() => resolve(value), ms);
        signal?.addEventListener('abort', () => {
          cancel(entry);
          reject(signal.reason);
        });
      });

    class VirtualDate extends RealDate {
      constructor(...args: [] | [string | number | Date]) {
        super(...((args.length === 0 ? [wall()] : args) as [number]));
      }
      static override now(): number {
        return wall();
      }
      static override [Symbol.hasInstance](value: unknown): boolean {
        return value instanceof RealDate;
      }
    }
    Object.assign(globalThis, { setTimeout: after, clearTimeout: cancel, Date: VirtualDate });
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      after(() => controller.abort(new DOMException('timeout', 'TimeoutError')), ms);
      return controller.signal;
    };
    Object.defineProperty(performance, 'now', { value: () => this.now - startedAt(), configurable: true });
    Object.defineProperty(performance, 'timeOrigin', {
      get: () => startedAt() + (this.#current?.skewMs ?? 0),
      configurable: true,
    });
    timersModule.setTimeout = delay as typeof timersModule.setTimeout;
    syncBuiltinESMExports();
    return () => {
      Object.assign(globalThis, {
        setTimeout: realSetTimeout,
        clearTimeout: realClearTimeout,
        Date: RealDate,
      });
      if (timeout !== undefined) Object.defineProperty(AbortSignal, 'timeout', timeout);
      Reflect.deleteProperty(performance, 'now');
      Reflect.deleteProperty(performance, 'timeOrigin');
      timersModule.setTimeout = realDelay;
      syncBuiltinESMExports();
    };
  }

  #add(ms: number, run: () => void, machine: Machine | undefined, settles: boolean): Entry {
    this.#seq += 1;
    const entry = { at: this.now + ms, seq: this.#seq, machine, run, settles, cancelled: false };
    this.#push(entry);
    return entry;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(entry);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Entry;
    const { length } = heap;
    if (length === 0) return;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!before(heap[child] as Entry, last)) break;
      heap[hole] = heap[child] as Entry;
      hole = child;
    }
    heap[hole] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.seq < b.seq);
}
