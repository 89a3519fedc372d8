import { HEROKU } from '../../src/adapters/heroku/platform.ts';
import { noForesight, noLease, readOnlyWorkers } from '../../src/adapters/dry-run/dry-run.ts';
import { connectionOver } from '../../src/adapters/redis/connect.ts';
import { decidedOf } from '../../src/control/outcome.ts';
import { reconcile, type Carried } from '../../src/control/reconcile.ts';
import type { Ports } from '../../src/ports.ts';
import type { FormationState } from '../../src/ports/platform.ts';
import { asRedis, clockOf, portsOver } from './clock.ts';
import type { Platform } from './platform.ts';
import { RedisClient } from './redis-client.ts';
import type { VirtualRedis } from './redis.ts';
import type { Story } from './story.ts';
import type { Machine, Time } from './time.ts';
import { cedar } from '../support/ports.ts';

/** What a clock without a past wants for one process type, and what is set. */
export type Comparison = {
  readonly type: string;
  readonly quantity: number;
  /** After its own peak hold, before running jobs are protected. */
  readonly wanted: number;
  /** What the jobs need of it now: a peak of its memory may end a tick later than one of the real clock's. */
  readonly needed: number;
  /** The wanted with the workers that running jobs keep. */
  readonly kept: number;
  /** Each stage of its decision, for the story. */
  readonly words: string;
};

/**
 * A clock without a past: it starts to remember when the faults are over, reads what is there and writes nothing. The law
 * compares the real clock with what it wants.
 */
export class Shadow {
  readonly #time: Time;
  readonly #machine: Machine;
  readonly #story: Story;
  readonly #ports: Ports;
  readonly #platform: Platform;
  #carried: Carried = new Map();

  constructor(time: Time, redis: VirtualRedis, platform: Platform, story: Story) {
    this.#time = time;
    this.#story = story;
    this.#platform = platform;
    this.#machine = time.machine('the clock without a past');
    const client = new RedisClient(redis, this.#machine, false);
    const ports = portsOver(connectionOver(asRedis(client), { tlsVerify: true }), []);
    this.#ports = {
      ...ports,
      workers: readOnlyWorkers(ports.workers),
      lease: noLease,
      store: { load: async () => new Map(), save: async () => {}, end: async () => {} },
      forget: { take: async () => [] },
      pause: { read: async () => undefined },
      foresight: noForesight,
      clock: clockOf(time, this.#machine),
      formation: {
        read: async (types) => new Map(types.map((type) => [type, this.#stateOf(type)])),
        platform: HEROKU,
        unmark: async () => {},
        resize: async () => ({ kind: 'dry-run' }),
        standstill: async () => undefined,
        requestsLeft: () => undefined,
      },
    };
  }

  /** Runs one tick and passes on what it wants. */
  look(seen: (wishes: readonly Comparison[]) => void): void {
    const types = this.#story.types.map(({ settings }) => ({ ...settings, manualHoldMs: 0 }));
    this.#time.on(this.#machine, 0, () => {
      const request = {
        ports: this.#ports,
        tickMs: this.#story.tickMs,
        signal: new AbortController().signal,
      };
      void reconcile(request, types, this.#carried).then(({ tick, carried }) => {
        this.#carried = carried;
        seen(
          tick.outcomes.flatMap((outcome): Comparison[] => {
            const decided = decidedOf(outcome);
            if (decided === undefined) return [];
            const { processType: type, formation, decision, policy } = decided;
            return [
              {
                type,
                quantity: formation.quantity,
                wanted: decision.limited,
                needed: Math.min(decision.limited, Math.max(policy.min, decision.needed)),
                kept: decision.to,
                words: decision.steps.map(({ stage, count }) => `${stage} ${count}`).join(', '),
              },
            ];
          }),
        );
      });
    });
  }

  #stateOf(type: string): FormationState {
    const row = this.#platform.rows.get(type);
    const others = new Map([...this.#platform.rows].map(([name, { quantity }]) => [name, quantity]));
    others.delete(type);
    const { quantity = 0, size = '' } = row ?? {};
    const naming = cedar(type, others);
    return { processType: type, quantity, size, others, naming, readAt: this.#time.now };
  }
}
