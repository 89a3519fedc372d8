import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { Dyno, type DynoPlace } from './platform-dyno.ts';
import type { Generation } from './platform-sizes.ts';

/** How long processes may take to end when the platform is closed. */
const CLOSE_GRACE_MS = 1_000;

/** The dynos of one app, kept at the quantities that its formation asks for. */
export class DynoFleet {
  readonly #app: string;
  readonly #generation: Generation;
  readonly #place: DynoPlace;
  #dynos: Dyno[] = [];
  /** Dyno time already over, by process type. */
  readonly #billedMs = new Map<string, number>();
  readonly #settled = new WeakSet<Dyno>();

  constructor(app: string, generation: Generation, place: DynoPlace) {
    this.#app = app;
    this.#generation = generation;
    this.#place = place;
  }

  /** Those told to stop are among them until their process has ended. */
  get all(): readonly Dyno[] {
    return this.#dynos;
  }

  /** What the formation counts. */
  get scaling(): readonly Dyno[] {
    return this.#dynos.filter((dyno) => dyno.stoppingSince === undefined);
  }

  scale(type: string, quantity: number, size: string): void {
    const scaling = this.scaling.filter((dyno) => dyno.spec.type === type);
    for (const dyno of this.#victims(scaling, quantity)) dyno.stop();
    const taken = new Set(scaling.map((dyno) => dyno.spec.ordinal));
    for (let ordinal = 1; ordinal <= quantity; ordinal += 1) {
      const missing = this.#generation === 'cedar' ? !taken.has(ordinal) : ordinal > scaling.length;
      if (missing) this.#start(type, ordinal, size);
    }
  }

  /** A new dyno starts, of the same name where names have numbers, as the old one gets its SIGTERM. */
  restart(chosen: (dyno: Dyno) => boolean, size?: string): void {
    for (const dyno of this.scaling.filter(chosen)) {
      // Its place in the formation, which is what is billed, is taken over by the new one.
      this.#bill(dyno);
      dyno.stop();
      this.#start(dyno.spec.type, dyno.spec.ordinal, size ?? dyno.spec.size);
    }
  }

  /** Seconds billed so far: from the request for a dyno, its boot included, to its end. */
  dynoSeconds(type: string): number {
    const now = this.#place.now();
    const current = this.#dynos
      .filter((dyno) => dyno.spec.type === type && !this.#settled.has(dyno))
      .reduce((sum, dyno) => sum + now - dyno.startedAt, 0);
    return ((this.#billedMs.get(type) ?? 0) + current) / 1000;
  }

  async close(): Promise<void> {
    for (const dyno of this.scaling) dyno.stop();
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
    this.#billedMs.set(type, (this.#billedMs.get(type) ?? 0) + this.#place.now() - dyno.startedAt);
  }

  #start(type: string, ordinal: number, size: string): void {
    const cedar = this.#generation === 'cedar';
    const name = cedar ? `${type}.${ordinal}` : `${type}-${letters(10)}-${letters(5)}`;
    const spec = { app: this.#app, type, name, ordinal: cedar ? ordinal : 0, size };
    const dyno = new Dyno(spec, this.#place, (ended) => {
      this.#bill(ended);
      this.#dynos = this.#dynos.filter((other) => other !== ended);
    });
    this.#dynos.push(dyno);
  }

  /**
   * Cedar stops the highest numbers, highest first. Fir's order is not documented: here what has not started goes
   * first and then the youngest, as Kubernetes does.
   */
  #victims(scaling: readonly Dyno[], quantity: number): readonly Dyno[] {
    if (this.#generation === 'cedar') {
      return scaling
        .filter((dyno) => dyno.spec.ordinal > quantity)
        .toSorted((a, b) => b.spec.ordinal - a.spec.ordinal);
    }
    const started = (dyno: Dyno): number => (dyno.state === 'starting' ? 0 : 1);
    return scaling
      .toSorted((a, b) => started(a) - started(b) || b.startedAt - a.startedAt)
      .slice(0, Math.max(0, scaling.length - quantity));
  }
}

function letters(count: number): string {
  return randomBytes(count).toString('hex').slice(0, count);
}
