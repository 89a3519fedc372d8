import { expect, test } from 'vitest';

import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { WorkerReport } from '../../src/core/drain.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { run } from '../../src/control/run.ts';
import { backlog, broken, InMemoryPorts, processType, queue } from '../support/ports.ts';

const START = 12_000_000;

/** Ports whose queue has so many jobs waiting at a time (ms from the start). */
function portsWith(jobsAt: (ms: number) => number): InMemoryPorts {
  const world = new InMemoryPorts();
  world.at = START;
  world.quantity = 0;
  Object.defineProperty(world, 'backlogs', {
    get: () => [backlog({ queues: [queue({ waiting: jobsAt(world.at - START) })] })],
  });
  return world;
}

type Options = {
  readonly slotMs?: number;
  readonly shortestMs?: number;
  readonly untilMs?: number;
  readonly settings?: ProcessTypeSettings;
  readonly onTick?: (tick: Tick) => void;
};

/** Ms from the start of each tick of the loop, with slots every `slotMs`. */
async function ticksOf(
  world: InMemoryPorts,
  {
    slotMs = 10_000,
    shortestMs = slotMs,
    untilMs = 30_000,
    settings = processType({ max: 1000 }),
    onTick = () => {},
  }: Options = {},
): Promise<number[]> {
  const stop = new AbortController();
  const seen: number[] = [];
  const schedule = { shortestMs, next: () => (Math.floor(world.at / slotMs) + 1) * slotMs };
  const collect = (tick: Tick): void => {
    seen.push(tick.at - START);
    onTick(tick);
    if (world.at >= START + untilMs) stop.abort();
  };
  await run({ ports: world.ports, schedule, onTick: collect, signal: stop.signal }, [settings]);
  return seen;
}

const burstAt =
  (atMs: number) =>
  (ms: number): number =>
    ms < atMs ? 0 : 4000;

test('a burst brings the next tick forward, which sets what it needs, and the slots stay', async () => {
  const world = portsWith(burstAt(2500));
  expect(await ticksOf(world)).toEqual([0, 3000, 10_000, 20_000, 30_000]);
  expect(world.resizes.map(({ to }) => to)).toEqual([40]);
});

test('with slots ten minutes apart a burst is seen within a second', async () => {
  const world = portsWith(burstAt(200_500));
  const ticks = await ticksOf(world, { slotMs: 600_000, untilMs: 600_000 });
  expect(ticks).toEqual([0, 201_000, 600_000]);
});

test('a peek that fails is repeated after half a minute, however far the slot', async () => {
  const world = portsWith(burstAt(200_500));
  const { ports } = world;
  const peek = ports.backlog.peek.bind(ports.backlog);
  ports.backlog.peek = async (...args) => {
    if (world.at === START + 190_000) throw broken;
    return await peek(...args);
  };
  Object.defineProperty(world, 'ports', { value: ports });
  expect(await ticksOf(world, { slotMs: 600_000, untilMs: 600_000 })).toEqual([0, 220_000, 600_000]);
});

test('a burst that goes on is followed every five seconds', async () => {
  const world = portsWith((ms) => ms);
  expect(await ticksOf(world, { slotMs: 60_000, untilMs: 20_000 })).toEqual([
    0, 1000, 6000, 11_000, 16_000, 21_000,
  ]);
});

test('an early tick that changes nothing is not repeated for half a minute', async () => {
  const world = portsWith(() => 0);
  // A peek that shows what no reading confirms, such as a marker of an old BullMQ.
  const { ports } = world;
  ports.backlog.peek = async () => [new Map([['mail', 1]])];
  Object.defineProperty(world, 'ports', { value: ports });
  expect(await ticksOf(world, { slotMs: 60_000, untilMs: 50_000 })).toEqual([0, 1000, 31_000, 60_000]);
});

const LONG_RELEASE = { kind: 'release' } as const;

test.each<{ name: string; prepare?: (world: InMemoryPorts) => void; options?: Options; peeks: number }>([
  { name: 'nothing to see', peeks: 27 },
  {
    name: 'another clock holds the lease',
    prepare: (world) => {
      world.held = 'standby';
    },
    peeks: 0,
  },
  {
    name: 'paused',
    prepare: (world) => {
      world.pause = { by: 'the command line' };
    },
    peeks: 0,
  },
  {
    name: 'a release runs',
    prepare: (world) => {
      world.standstill = LONG_RELEASE;
      world.quantity = 500;
    },
    options: { settings: processType({ min: 501, max: 1000 }) },
    peeks: 0,
  },
  {
    name: 'Heroku cannot be read',
    prepare: (world) => {
      world.formationFailure = broken;
    },
    peeks: 0,
  },
  {
    name: 'a peek fails: the next follows the next tick',
    prepare: (world) => {
      world.peekFailure = broken;
    },
    peeks: 3,
  },
  {
    name: 'the largest change in one tick is set',
    options: { settings: processType({ maxStepUp: 2 }) },
    peeks: 0,
  },
  { name: 'ticks every second', options: { slotMs: 1000 }, peeks: 0 },
  { name: 'a gap in the schedule', options: { slotMs: 30_000, shortestMs: 1000 }, peeks: 0 },
])('peeks in half a minute: $name: $peeks', async ({ prepare, options, peeks }) => {
  const world = portsWith(() => 0);
  prepare?.(world);
  await ticksOf(world, options);
  expect(world.peeks).toBe(peeks);
});

test.each([
  { name: 'workers that drain are called back', drains: true, ticks: [0, 10_000, 13_000, 20_000, 30_000] },
  { name: 'workers that take jobs need no early tick', drains: false, ticks: [0, 10_000, 20_000, 30_000] },
])('jobs for two of three workers: $name', async ({ drains, ticks }) => {
  const world = portsWith((ms) => (ms < 12_500 ? 0 : 150));
  world.quantity = 3;
  const report = (ordinal: number): WorkerReport => ({
    ...{ dyno: `worker.${ordinal}`, ageMs: 0, concurrency: 1, bootedAt: 0, readyAt: 0 },
    resting: undefined,
  });
  if (drains) world.workers = { reports: [1, 2, 3].map(report) };
  // A job that is still running keeps the third.
  const settings = processType({ max: 1000, scaleDownDelayMs: drains ? 0 : 60_000 });
  expect(await ticksOf(world, { settings })).toEqual(ticks);
});

test('many queues are peeked at less often', async () => {
  const world = portsWith(() => 0);
  const queues = Array.from({ length: 4000 }, (_, index) => queue({ name: `queue ${index}` }));
  Object.defineProperty(world, 'backlogs', { get: () => [backlog({ queues })] });
  await ticksOf(world);
  expect(world.peeks).toBe(6);
});

test('a peek that does not answer ends with the signal', async () => {
  const world = portsWith(() => 0);
  const { ports } = world;
  const stop = new AbortController();
  ports.backlog.peek = async (_patterns, _at, signal) =>
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      stop.abort();
    });
  const schedule = { shortestMs: 10_000, next: () => (Math.floor(world.at / 10_000) + 1) * 10_000 };
  await run({ ports, schedule, onTick: () => {}, signal: stop.signal }, [processType()]);
  expect(world.at).toBe(START + 1000);
});
