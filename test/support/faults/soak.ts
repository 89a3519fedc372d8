import { setTimeout as sleep } from 'node:timers/promises';

import { describe } from '../../../src/reporting/describe.ts';
import { FAULTS, type InjectedFault } from './faults.ts';
import { LEASE_REAL_MS, FaultHarness, SETTINGS, TICK_MS, type DroverInstance } from './harness.ts';

export type SoakOptions = {
  /** Rounds: in each, every clock makes a tick. */
  readonly rounds: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
};

export type SoakResult = {
  readonly rounds: number;
  readonly ticks: number;
  readonly writes: number;
  /** By what was injected: how often, and the most rounds until the quantity was right again. */
  readonly faults: ReadonlyMap<string, { readonly times: number; readonly longestRecovery: number }>;
  readonly violations: readonly string[];
  /** After the first tenth, and at the end, garbage collected where the process allows. */
  readonly rssBytes: readonly [start: number, end: number];
  readonly connections: readonly [start: number, end: number];
};

/** Rounds after the end of a fault in which the quantity has to be right again. */
const RECOVERY_ROUNDS = 2;
const QUIET_ROUNDS = 3;
const LONGEST_FAULT = 4;
const MOST_JOBS = 2600;

/**
 * Two clocks under faults that come and go at random, and after every round what must hold however things fail: no
 * write outside the bounds, none below what the backlog needs, never two that act, right again soon after the end.
 */
export async function soak({ rounds, seed, say = () => {} }: SoakOptions): Promise<SoakResult> {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const harness = await FaultHarness.start();
  const clocks: DroverInstance[] = [await harness.drover('clock 1'), await harness.drover('clock 2')];
  let started = clocks.length;
  const violations: string[] = [];
  const faults = new Map<string, { times: number; longestRecovery: number }>();
  let ticks = 0;
  let writes = 0;
  let rssStart = 0;
  let connectionsStart = 0;

  const round = async (): Promise<void> => {
    harness.clock.pass(TICK_MS);
    harness.resizes.length = 0;
    const patches = harness.platform.requests.filter(({ method }) => method === 'PATCH').length;
    await Promise.all(clocks.map(async (clock) => await clock.tick()));
    ticks += clocks.length;
    writes += harness.platform.requests.filter(({ method }) => method === 'PATCH').length - patches;
    for (const { by, resize } of harness.resizes) {
      if (resize.to < SETTINGS.min || resize.to > SETTINGS.max)
        violations.push(`${by} wanted ${resize.to}, outside ${SETTINGS.min} to ${SETTINGS.max}`);
      if (resize.to < harness.expectedQuantity)
        violations.push(`${by} wanted ${resize.to} where the backlog needs ${harness.expectedQuantity}`);
    }
    if (new Set(harness.resizes.map(({ by }) => by)).size > 1)
      violations.push('two clocks acted in one round');
    if (harness.quantity < SETTINGS.min || harness.quantity > SETTINGS.max)
      violations.push(`the quantity is ${harness.quantity}`);
  };

  const recover = async (name: string): Promise<void> => {
    const seen = faults.get(name) ?? { times: 0, longestRecovery: 0 };
    let took = 0;
    do {
      await round();
      took += 1;
    } while (harness.quantity !== harness.expectedQuantity && took < 20);
    if (took > RECOVERY_ROUNDS)
      violations.push(
        `${name}: ${took} rounds until ${harness.expectedQuantity} dynos, found ${harness.quantity}; ${clocks.map(describeClock).join('; ')}`,
      );
    faults.set(name, { times: seen.times + 1, longestRecovery: Math.max(seen.longestRecovery, took) });
  };

  const settled = async (): Promise<void> => {
    while (ticks / 2 < rounds) {
      for (let i = 0; i < QUIET_ROUNDS; i += 1) {
        if (random() < 0.5) await harness.setWaiting(Math.floor(random() * MOST_JOBS));
        await round();
      }
      if (rssStart === 0 && ticks / 2 > rounds / 10) {
        rssStart = resident();
        connectionsStart = await connectionsOf(harness);
      }
      await (random() < 0.15 ? restart() : disturb(pick(FAULTS)));
      if (violations.length > 20) return;
    }
  };

  const disturb = async (fault: InjectedFault): Promise<void> => {
    const target = pick(clocks);
    await fault.start(harness, target);
    const lasts = 1 + Math.floor(random() * Math.min(LONGEST_FAULT, fault.longest ?? LONGEST_FAULT));
    for (let i = 0; i < lasts; i += 1) {
      if (random() < 0.7) await harness.setWaiting(Math.floor(random() * MOST_JOBS));
      await round();
    }
    await fault.end(harness, target);
    if (fault.reconnects) {
      await Promise.all(clocks.map(async (clock) => await clock.reconnected()));
      // A clock that lost its connection lost its lease, too.
      await sleep(LEASE_REAL_MS);
    }
    await recover(fault.name);
  };

  /** A deploy or a crash: a new clock replaces an old one. */
  const restart = async (): Promise<void> => {
    const index = Math.floor(random() * clocks.length);
    const dies = random() < 0.3;
    const old = clocks[index];
    if (!old) return;
    await (dies ? old.kill() : old.terminate());
    started += 1;
    clocks[index] = await harness.drover(`clock ${started}`);
    if (dies) await sleep(LEASE_REAL_MS);
    await harness.setWaiting(Math.floor(random() * MOST_JOBS));
    await recover(dies ? 'a clock is killed' : 'a clock is restarted');
  };

  const shown = setInterval(() => say(`${Math.floor(ticks / 2)} of ${rounds} rounds`), 10_000);
  try {
    await settled();
    const rssEnd = resident();
    const connectionsEnd = await connectionsOf(harness);
    if (connectionsEnd > connectionsStart)
      violations.push(`${connectionsStart} connections at the start, ${connectionsEnd} at the end`);
    return {
      rounds: ticks / 2,
      ticks,
      writes,
      faults,
      violations,
      rssBytes: [rssStart, rssEnd],
      connections: [connectionsStart, connectionsEnd],
    };
  } finally {
    clearInterval(shown);
    for (const clock of clocks) await clock.terminate();
    await harness.stop();
  }
}

/** The outcome of a clock's last tick. */
function describeClock({ name, ticks }: DroverInstance): string {
  const last = ticks.at(-1);
  return `${name}: ${last?.standby ? 'standing by' : last?.outcomes.map(describe).join(', ')}`;
}

/** Of the clocks at Redis. */
async function connectionsOf(harness: FaultHarness): Promise<number> {
  const list = String(await harness.admin.client('LIST'));
  return list.split('\n').filter((line) => line.includes('user=drover')).length;
}

function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
