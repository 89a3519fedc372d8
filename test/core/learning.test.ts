import { expect, test } from 'vitest';

import { demandOf } from '../../src/core/demand.ts';
import { learn, type Learned } from '../../src/core/learn.ts';
import { randomFrom } from '../../src/sim/random.ts';
import { errorsOf, READ_EVERY_MS, SCENARIOS, type Scenario } from '../support/learning-accuracy.ts';
import { ModelledQueue } from '../support/modelled-queue.ts';

/** In virtual time; the machine's own, with real workers, is the benchmark's: `npm run bench -- learning`. */
const DURATION_MS = 60_000;
const SEEDS = [1, 2, 3];

/** Least and greatest error, relative to what was so; absent: there is no telling. */
type Bounds = readonly [least: number, most: number] | undefined;

const CLOSE: Bounds = [-0.05, 0.05];

/** What is wrong of the counters here is made good by single runs, as far as these are kept. */
const SHORTER: Bounds = [-0.3, 0.05];

const rows: { name: string; arrivals: Bounds; serviceMs: Bounds; load: Bounds }[] = [
  { name: 'steady', arrivals: CLOSE, serviceMs: CLOSE, load: CLOSE },
  { name: 'all workers busy', arrivals: CLOSE, serviceMs: CLOSE, load: CLOSE },
  { name: 'retries at once', arrivals: CLOSE, serviceMs: CLOSE, load: CLOSE },
  { name: 'retries after a while', arrivals: CLOSE, serviceMs: CLOSE, load: CLOSE },
  { name: 'priorities', arrivals: CLOSE, serviceMs: CLOSE, load: CLOSE },
  { name: 'delays', arrivals: CLOSE, serviceMs: CLOSE, load: CLOSE },
  { name: 'deduplication', arrivals: [-0.1, 0.6], serviceMs: SHORTER, load: [-0.35, 0.15] },
  { name: 'deduplication, nothing kept', arrivals: undefined, serviceMs: undefined, load: [-0.35, 0.15] },
  { name: 'removals', arrivals: [-0.1, 0.6], serviceMs: SHORTER, load: [-0.35, 0.15] },
  { name: 'all of it', arrivals: [-0.1, 0.5], serviceMs: SHORTER, load: [-0.2, 0.2] },
];

function errorsUnder(scenario: Scenario, seed: number): ReturnType<typeof errorsOf> {
  const queue = new ModelledQueue(scenario, randomFrom(seed));
  let learned: Learned | undefined;
  for (let at = 0; at <= DURATION_MS; at += READ_EVERY_MS) {
    queue.runUntil(at);
    const observed = queue.observe();
    learned = learn(learned, { queue: observed, demand: demandOf(observed) }, at, 0);
  }
  if (learned === undefined) throw new Error('nothing was learned');
  expect(queue.truth.departures).toBeGreaterThan(100);
  return errorsOf({ truth: queue.truth, learned });
}

test.each(rows)('$name', ({ name, ...bounds }) => {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario) throw new Error('there is no such scenario');
  for (const seed of SEEDS) {
    const errors = errorsUnder(scenario, seed);
    const outside = (['arrivals', 'serviceMs', 'load'] as const).filter((what) => {
      const [least, most] = bounds[what] ?? [-Infinity, Infinity];
      return !(errors[what] >= least && errors[what] <= most);
    });
    expect({ seed, outside, errors }).toEqual({ seed, outside: [], errors });
  }
});

test('every scenario has its row', () => {
  expect(rows.map(({ name }) => name)).toEqual(SCENARIOS.map(({ name }) => name));
});
