import type { Dice } from './dice.ts';
import type { StoryEvent, StoryType } from './story.ts';

/** A key of Drover's in Redis. */
export function keyOf(dice: Dice, { settings }: StoryType): string {
  return dice.one([
    'lease',
    'fence',
    `memory ${settings.processType}`,
    `order ${settings.processType}`,
    `reports ${settings.processType}`,
  ]);
}

/** What anyone who can write to Redis could leave there. */
const PLANTS: readonly string[] = [
  'garbage',
  '[]',
  '{}',
  '-1',
  '1e308',
  '{"epoch":"x","limit":0,"since":0,"forMs":9007199254740991}',
  '{"until":1e300,"by":"x"}',
  '{"until":8e15,"by":"x"}',
  '1700000000000 {"dyno":"worker.99","concurrency":0,"bootedAt":0,"readyAt":0}',
  '9007199254740991 {"dyno":"worker.1","concurrency":9007199254740991,"bootedAt":0,"readyAt":0}',
];
/** Times are written as `@` and ms from the moment of planting. */
const PLANTED_STANDINGS: readonly object[] = [
  { limit: { count: 0, counts: 'type', since: '@0', until: 1e15, refusals: 1 } },
  { limit: { count: 0, counts: 'app', since: '@0', until: '@200000', refusals: 10 } },
  { limit: { count: 0, counts: 'type', since: '@3600000', until: '@3800000', refusals: 10 } },
  { manual: { since: '@0', until: 8e15 } },
  { manual: { since: 8e15, until: 1e300 } },
  { manual: { since: 0 }, quantity: 1 },
  { writes: [{ from: 0, to: 0, at: 8e15, answered: false }] },
  { boots: { value: [1e12], since: '@0', until: '@1000' } },
  { boots: { value: [60_000, 60_000, 60_000], since: '@0', until: 8e15 } },
  { quantity: 9_007_199_254_740_991 },
  { quantity: 3 },
  { raised: { above: 0, at: 0 } },
  { raised: { above: 0, at: '@0' }, holders: { at: '@0', conclusive: true, holding: [1, 100_000] } },
  { concurrency: { value: 9_007_199_254_740_991, since: '@0', until: '@1000' } },
  { concurrency: { value: 5, since: 0, until: 8e15 } },
];
const PLANTED_QUEUES: readonly object[] = [
  {},
  { busyMs: 10, departures: 5, runs: { seen: -1.7e308, tookMs: 1, endedAt: 1 } },
  { busyMs: 10, departures: 5, runs: { seen: 1e-300, tookMs: 1e300, endedAt: 1 } },
  { runs: { seen: 0, tookMs: 1e300, endedAt: 1 } },
  { busyMs: -1e300, departures: 5 },
  { busyMs: 1e300, departures: 1e-300 },
  { marks: [[1e300, 1e300]] },
];

const PLANTED_NEEDS: readonly object[] = [
  { offered: 0, at: '@0', periods: [['@-90000000', [[10_000, 1e15]]]] },
  { offered: 1e300, at: 8e15, periods: [] },
];

/** A record that another client left in the place of one of Drover's. */
export function plant(dice: Dice, atMs: number, type: StoryType): StoryEvent {
  const { processType, queues } = type.settings;
  const base = { kind: 'plant', atMs, type: 'string' } as const;
  switch (dice.whole(-1, 3)) {
    case -1:
    case 0:
      return { ...base, key: `memory ${processType}`, text: memoryOf(dice, queues[0] ?? '') };
    case 1:
      return { ...base, key: 'pause', text: dice.one(PLANTS.slice(6, 8)) };
    case 2:
      return { ...base, key: `reports ${processType}`, text: dice.one(PLANTS), type: 'hash' };
    default:
      return { ...base, key: keyOf(dice, type), text: dice.one(PLANTS), type: dice.one(['string', 'hash']) };
  }
}

function memoryOf(dice: Dice, queue: string): string {
  const learned = {
    at: 1,
    added: 0,
    inSystem: 0,
    running: 0,
    ready: 0,
    busyMs: 0,
    departures: 0,
    arrivals: 0,
    marks: [],
  };
  const memory = {
    version: 1,
    peaks: dice.chance(0.3) ? [[8e15, 1e6]] : [],
    queues: [[queue, { ...learned, ...dice.one(PLANTED_QUEUES) }]],
    capacity: {
      quantity: dice.one([0, 9_007_199_254_740_991]),
      booting: dice.chance(0.3) ? [[8e15, 5]] : [],
    },
    heldSince: dice.one([undefined, -8e15, 8e15]),
    lateness: dice.one([
      undefined,
      undefined,
      [[queue, { periods: [['@0', 5, 1e300]] }]],
      [[queue, { periods: [], excusedAt: 8e15 }]],
    ]),
    needs: dice.one([undefined, undefined, ...PLANTED_NEEDS.map((periods) => [[queue, periods]])]),
  };
  const burst = { queue, at: '@60000', jobs: 1e9, time: '09:00', seen: { days: 7, of: 7 } };
  const spent = { value: { bursts: [burst] }, since: '@-200000000', until: '@-100000000' };
  return JSON.stringify({
    version: 3,
    token: 'x',
    memory,
    scaling: dice.one(PLANTED_STANDINGS),
    foreseen: dice.one([undefined, spent, { ...spent, until: 8e15 }, { ...spent, value: { bursts: 1e300 } }]),
  });
}
