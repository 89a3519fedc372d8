import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { Generation } from '../heroku-sizes.ts';
import { Dyno, type DynoRuntime } from './dyno.ts';
import { recordStop, type Stopped } from './stopped.ts';

/** How long processes may take to end when the stand-in is closed. */
const CLOSE_GRACE_MS = 1_000;

/** The dynos of one app, kept at the quantities of its formation. */
export class AppDynos {
  /** The app's config vars; a dyno keeps those that it was started with. */
  config: Readonly<Record<string, string>> = {};
  /** Dynos that were stopped while they had a process, oldest first. */
  readonly stopped: Stopped[] = [];
  readonly #app: string;
  readonly #generation: Generation;
  readonly #runtime: DynoRuntime;
  #dynos: Dyno[] = [];
  /** Billed time of dynos that have ended, by process type. */
  readonly #billedMs = new Map<string, number>();
  /** Dynos whose time is in `#billedMs` already. */
  readonly #settled = new WeakSet<Dyno>();

  constructor(app: string, generation: Generation, runtime: DynoRuntime) {
    this.#app = app;
    this.#generation = generation;
    this.#runtime = runtime;
  }

  /** Includes dynos that are stopping, until their process has ended. */
  get all(): readonly Dyno[] {
    return this.#dynos;
  }

  /** What the formation counts: dynos that are not stopping. */
  get current(): readonly Dyno[] {
    return this.#dynos.filter((dyno) => dyno.stoppingSince === undefined);
  }

  scale(type: string, quantity: number, size: string): void {
    const current = this.current.filter((dyno) => dyno.spec.type === type);
    for (const dyno of this.#toStop(current, quantity)) dyno.stop('scale-down');
    const taken = new Set(current.map((dyno) => dyno.spec.ordinal));
    for (let ordinal = 1; ordinal <= quantity; ordinal += 1) {
      const missing = this.#generation === 'cedar' ? !taken.has(ordinal) : ordinal > current.length;
      if (missing) this.#start(type, ordinal, size);
    }
  }

  /** Starts a new dyno, of the same name on Cedar, as the old one gets its SIGTERM. */
  restart(chosen: (dyno: Dyno) => boolean, size?: string): void {
    for (const dyno of this.current.filter(chosen)) {
      // Heroku bills a place in the formation, and that is the new dyno's from here on.
      this.#bill(dyno);
      dyno.stop('rollout');
      this.#start(dyno.spec.type, dyno.spec.ordinal, size ?? dyno.spec.size);
    }
  }

  /** Seconds billed so far: from the request for a dyno, through its boot, to its end. */
  dynoSeconds(type: string): number {
    const now = this.#runtime.now();
    const unbilledMs = this.#dynos
      .filter((dyno) => dyno.spec.type === type && !this.#settled.has(dyno))
      .reduce((sum, dyno) => sum + now - dyno.startedAt, 0);
    return ((this.#billedMs.get(type) ?? 0) + unbilledMs) / 1000;
  }

  async close(): Promise<void> {
    for (const dyno of this.current) dyno.stop('deletion');
    const ends = Promise.all(this.#dynos.map((dyno) => dyno.ended));
    const over = new AbortController();
    await Promise.race([ends, delay(CLOSE_GRACE_MS, undefined, { signal: over.signal }).catch(() => {})]);
    over.abort();
    for (const dyno of this.#dynos) dyno.kill();
    await ends;
  }

  #bill(dyno: Dyno): void {
    if (this.#settled.has(dyno)) return;
    this.#settled.add(dyno);
    const { type } = dyno.spec;
    this.#billedMs.set(type, (this.#billedMs.get(type) ?? 0) + this.#runtime.now() - dyno.startedAt);
  }

  #start(type: string, ordinal: number, size: string): void {
    const cedar = this.#generation === 'cedar';
    const name = cedar ? `${type}.${ordinal}` : `${type}-${randomLetters(10)}-${randomLetters(5)}`;
    const spec = { app: this.#app, type, name, ordinal: cedar ? ordinal : 0, size, config: this.config };
    const dyno = new Dyno(spec, this.#runtime, (ended) => {
      this.#bill(ended);
      if (ended.stopped !== undefined) recordStop(this.stopped, ended.stopped);
      this.#dynos = this.#dynos.filter((other) => other !== ended);
    });
    this.#dynos.push(dyno);
  }

  /**
   * Cedar stops the highest numbers, highest first. Fir's order is not documented; the stand-in stops booting dynos
   * first and then the youngest, as Kubernetes does.
   */
  #toStop(current: readonly Dyno[], quantity: number): readonly Dyno[] {
    if (this.#generation === 'cedar') {
      return current
        .filter((dyno) => dyno.spec.ordinal > quantity)
        .toSorted((a, b) => b.spec.ordinal - a.spec.ordinal);
    }
    const started = (dyno: Dyno): number => (dyno.state === 'starting' ? 0 : 1);
    return current
      .toSorted((a, b) => started(a) - started(b) || b.startedAt - a.startedAt)
      .slice(0, Math.max(0, current.length - quantity));
  }
}

function randomLetters(count: number): string {
  return randomBytes(count).toString('hex').slice(0, count);
}
