import { randomFrom, type Random } from '../../src/sim/random.ts';
import type { HerokuFault, Story, StoryEvent, StoryType } from './story.ts';

/** Where all stories begin, but for their hour: a Monday. */
const BEGIN = Date.UTC(2026, 2, 2);
const SECOND = 1000;
const MINUTE = 60_000;

/** Draws by a seed. */
class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  chance(part: number): boolean {
    return this.#random() < part;
  }
  whole(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }
  one<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)] as T;
  }
}

const SCHEDULES = [
  ['*/10 * * * * *', 10],
  ['*/10 * * * * *', 10],
  ['*/15 * * * * *', 15],
  ['*/20 * * * * *', 20],
  ['*/30 * * * * *', 30],
] as const;
/** Every hour has half an hour without a slot. */
const GAPS = '*/10 0-29 * * * *';

/** A type leaves with one release and returns with another: never between two ticks. */
const TWO_RELEASES_MS = 60_000;

/** The story of a seed: always the same for the same seed. */
export function storyOf(seed: number): Story {
  const dice = new Dice(seed * 7919 + 17);
  const gaps = dice.chance(0.08);
  const [schedule, everyS] = gaps ? [GAPS, 10] : dice.one(SCHEDULES);
  const types = [typeOf('worker', dice), ...(dice.chance(0.35) ? [typeOf('mailer', dice)] : [])];
  const spanMs = gaps ? 8 * MINUTE : dice.whole(3, 8) * MINUTE;
  const startsAt =
    BEGIN +
    dice.whole(0, 20) * 60 * MINUTE +
    (gaps ? dice.whole(24, 29) * MINUTE : 0) +
    dice.whole(0, 59_999);
  const story = { seed, schedule, tickMs: everyS * SECOND, startsAt, types };
  const events = [...loadOf(types, spanMs, dice), ...faultsOf(story, spanMs, dice)];
  return {
    ...story,
    readOnlyScripts: dice.chance(0.6),
    events: events.toSorted((a, b) => a.atMs - b.atMs),
  };
}

function typeOf(name: string, dice: Dice): StoryType {
  const min = dice.one([0, 0, 0, 1, 2]);
  const workers = dice.one([
    'cooperating',
    'cooperating',
    'cooperating',
    'named',
    'named',
    'unnamed',
    'misnamed',
  ] as const);
  const first = dice.chance(0.1) ? 'constructor' : name;
  const queues = dice.chance(0.25) ? [first, `${name}-slow`] : [first];
  const slots = dice.one([1, 1, 2, 3]);
  const processes = dice.chance(0.2) ? 2 : 1;
  const waitRule = dice.chance(0.35);
  const limited = !waitRule && dice.chance(workers === 'cooperating' ? 0.2 : 0.05);
  return {
    workers,
    slots,
    processes,
    beatMs: dice.one([2000, 3000, 4000]),
    bootMs: dice.whole(5, 40) * SECOND,
    jobMs: dice.one([
      [2000, 6000],
      [5000, 20_000],
      [10_000, 60_000],
    ] as const),
    ...(limited ? { limiter: { max: dice.whole(2, 10), durationMs: dice.one([1, 5]) * SECOND } } : {}),
    settings: {
      processType: name,
      queues,
      dynoSize: undefined,
      min,
      max: min + dice.whole(1, 6),
      jobsPerWorker: dice.one([10, 25, 50]),
      maxWaitMs: waitRule ? dice.one([20, 60, 180]) * SECOND : undefined,
      maxWaitMsByQueue: waitRule && dice.chance(0.5) ? { [`${name}-slow`]: 120 * SECOND } : undefined,
      concurrency: workers === 'cooperating' && dice.chance(0.7) ? undefined : slots * processes,
      bootMs: dice.chance(0.5) ? undefined : 30 * SECOND,
      scaleDownDelayMs: dice.one([0, 0, 30, 60, 120]) * SECOND,
      manualHoldMs: dice.one([0, 120, 300, 300]) * SECOND,
      drainTimeoutMs: undefined,
      maxStepUp: undefined,
      maxStepDown: undefined,
    },
  };
}

/** Work that comes while things go wrong: bursts, and jobs for later. */
function loadOf(types: readonly StoryType[], spanMs: number, dice: Dice): StoryEvent[] {
  return types.flatMap(({ settings }) => {
    const bursts = dice.whole(1, 5);
    const events: StoryEvent[] = [];
    for (let i = 0; i < bursts; i += 1) {
      const flood = dice.chance(0.03);
      const count = flood ? 3000 : dice.whole(1, settings.max * settings.jobsPerWorker);
      const delayMs = dice.chance(0.2) ? dice.whole(10, 300) * SECOND : 0;
      events.push({
        kind: 'jobs',
        atMs: dice.whole(0, spanMs),
        queue: dice.one(settings.queues),
        count,
        delayMs,
      });
    }
    // Far beyond any boot, so that they are no work yet.
    if (dice.chance(0.3)) {
      const [queue = ''] = settings.queues;
      const delayMs = 5 * 3_600_000;
      events.push({ kind: 'jobs', atMs: dice.whole(0, spanMs), queue, count: dice.whole(50, 200), delayMs });
    }
    return events;
  });
}

type Start = Pick<Story, 'types' | 'tickMs'>;
type Fault = (dice: Dice, atMs: number, type: StoryType, story: Start) => StoryEvent;

const FAULTS: readonly (readonly [weight: number, fault: Fault])[] = [
  [6, late],
  [2, (dice, atMs) => heroku(dice, atMs, { how: 'answer lost' }, 'PATCH')],
  [1, (dice, atMs) => heroku(dice, atMs, { how: 'request lost' }, dice.one(['all', 'PATCH']))],
  [2, (dice, atMs) => heroku(dice, atMs, { how: 'twice', byMs: dice.whole(2, 30) * SECOND }, 'PATCH')],
  [
    2,
    (dice, atMs) =>
      heroku(dice, atMs, { how: 'slow', byMs: dice.one([6, 12, 25]) * SECOND }, dice.one(['all', 'PATCH'])),
  ],
  [
    2,
    (dice, atMs) =>
      heroku(
        dice,
        atMs,
        { how: 'refused', status: dice.one([401, 403, 404, 500, 503]) },
        dice.one(['all', 'PATCH']),
      ),
  ],
  [
    1,
    (dice, atMs) =>
      heroku(dice, atMs, { how: 'rate limited', retryAfterS: dice.one([1, 10, 60, 300]) }, 'all'),
  ],
  [
    3,
    (dice, atMs, type) => ({
      kind: 'limit',
      atMs,
      forMs: spell(dice, 600),
      count: dice.whole(type.settings.min, type.settings.max),
      per: dice.one(['app', 'app', 'type']),
    }),
  ],
  [1, (dice, atMs) => ({ kind: 'others', atMs, remaining: dice.whole(1600, 2249) })],
  [1, (dice, atMs) => ({ kind: 'redis', atMs, forMs: spell(dice, 90), how: 'unreachable' })],
  [1, (dice, atMs) => ({ kind: 'redis', atMs, forMs: spell(dice, 40), how: 'hanging' })],
  [1, (dice, atMs) => ({ kind: 'redis', atMs, forMs: spell(dice, 120), how: 'full' })],
  [
    1,
    (dice, atMs) => ({ kind: 'redis slow', atMs, forMs: spell(dice, 60), byMs: dice.one([300, 1500, 3000]) }),
  ],
  [
    3,
    (dice, atMs) => ({ kind: 'failover', atMs, lostMs: dice.whole(0, 2000), keepsSockets: dice.chance(0.4) }),
  ],
  [2, (dice, atMs, type) => ({ kind: 'evict', atMs, keys: keyOf(dice, type) })],
  [4, (dice, atMs, type) => plant(dice, atMs, type)],
  [3, (dice, atMs) => ({ kind: 'clock stopped', atMs, forMs: spell(dice, 90) })],
  [2, (dice, atMs) => ({ kind: 'clock killed', atMs, forMs: spell(dice, 60) })],
  [3, (dice, atMs) => ({ kind: 'clock replaced', atMs, overlapMs: dice.whole(1, 90) * SECOND })],
  [1, (_, atMs) => ({ kind: 'clock restarted', atMs })],
  [2, (dice, atMs) => ({ kind: 'clock skewed', atMs, forMs: spell(dice, 300), byMs: skew(dice) })],
  [1, (dice, atMs) => ({ kind: 'redis skewed', atMs, forMs: spell(dice, 120), byMs: skew(dice) })],
  [1, (dice, atMs) => ({ kind: 'dyno skewed', atMs, forMs: spell(dice, 300), byMs: skew(dice) })],
  [
    1,
    (dice, atMs, type) => ({
      kind: 'dyno stopped',
      atMs,
      forMs: spell(dice, 60),
      type: type.settings.processType,
      ordinal: dice.whole(1, type.settings.max),
    }),
  ],
  [
    1,
    (dice, atMs, type) => ({
      kind: 'dyno crashed',
      atMs,
      forMs: spell(dice, 60),
      type: type.settings.processType,
      ordinal: dice.whole(1, type.settings.max),
    }),
  ],
  [2, (_, atMs, type) => ({ kind: 'workers deployed', atMs, type: type.settings.processType })],
  [1, (dice, atMs) => ({ kind: 'release', atMs, forMs: spell(dice, 120) })],
  [1, (dice, atMs) => ({ kind: 'maintenance', atMs, forMs: spell(dice, 120) })],
  [
    4,
    (dice, atMs, type) => ({
      kind: 'hand',
      atMs,
      type: type.settings.processType,
      quantity: dice.one([0, 1, dice.whole(0, type.settings.max + 2)]),
    }),
  ],
  [1, (dice, atMs) => ({ kind: 'paused', atMs, forMs: spell(dice, 180), unbounded: dice.chance(0.5) })],
  [
    1,
    (dice, atMs, type) => ({
      kind: 'type gone',
      atMs,
      forMs: dice.whole(TWO_RELEASES_MS, 3 * MINUTE),
      type: type.settings.processType,
    }),
  ],
  [
    1,
    (dice, atMs, type) => ({
      kind: 'queue paused',
      atMs,
      forMs: spell(dice, 180),
      queue: dice.one(type.settings.queues),
    }),
  ],
  [
    1,
    (dice, atMs, type) => ({
      kind: 'queue capped',
      atMs,
      forMs: spell(dice, 180),
      queue: dice.one(type.settings.queues),
      slots: dice.whole(1, 3),
    }),
  ],
];

/** A few kinds of faults, each perhaps several times: combinations are what no single test covers. */
function faultsOf(story: Start, spanMs: number, dice: Dice): StoryEvent[] {
  const total = FAULTS.reduce((sum, [weight]) => sum + weight, 0);
  const draw = (): Fault => {
    let left = dice.whole(1, total);
    for (const [weight, fault] of FAULTS) if ((left -= weight) <= 0) return fault;
    throw new Error('no fault was drawn');
  };
  const kinds = Array.from({ length: dice.whole(1, 4) }, draw);
  return Array.from({ length: dice.whole(2, 9) }).flatMap(() => {
    const [atMs, type] = [dice.whole(0, spanMs), dice.one(story.types)];
    const fault = dice.one(kinds)(dice, atMs, type, story);
    return [
      fault,
      ...together(dice, fault, type),
      ...(dice.chance(fault.kind === 'heroku' ? 0.9 : 0.4) ? surge(dice, atMs, type) : []),
    ];
  });
}

/** A backlog that grows for some ticks, so that there is something to change while a fault lasts. */
function surge(dice: Dice, atMs: number, { settings }: StoryType): StoryEvent[] {
  const { queues, jobsPerWorker, max } = settings;
  return Array.from({ length: dice.whole(2, 5) }, (_, index) => ({
    kind: 'jobs',
    atMs: atMs + index * dice.whole(8, 20) * SECOND,
    queue: queues[0] ?? '',
    count: Math.ceil(jobsPerWorker * dice.one([0.5, 1, 2, max / 2])),
    delayMs: 0,
  }));
}

/** What is worse together than each by itself. */
function together(dice: Dice, { kind, atMs }: StoryEvent, type: StoryType): StoryEvent[] {
  const { processType, max } = type.settings;
  const hand = (inS: number): StoryEvent => ({
    kind: 'hand',
    atMs: atMs + inS * SECOND,
    type: processType,
    quantity: dice.whole(0, max),
  });
  if (!dice.chance(0.5)) return [];
  if (kind === 'clock replaced') {
    // The old clock sleeps while the new one acts, and acts again when that is gone.
    return [
      { kind: 'clock stopped', atMs: atMs + dice.whole(2, 20) * SECOND, forMs: dice.whole(10, 40) * SECOND },
      { kind: 'clock killed', atMs: atMs + dice.whole(30, 70) * SECOND, forMs: dice.whole(20, 60) * SECOND },
    ];
  }
  if (kind === 'workers deployed') {
    return [{ kind, atMs: atMs + dice.whole(60, 300) * SECOND, type: processType }];
  }
  return kind === 'clock skewed' || kind === 'clock stopped' ? [hand(dice.whole(0, 30))] : [];
}

/** For several changes in a row, and by more than Drover waits for an answer as often as by less. */
function late(dice: Dice, atMs: number): StoryEvent {
  const fault = { how: 'late', byMs: dice.one([5, 12, 18, 22, 26, 30]) * SECOND } as const;
  return { kind: 'heroku', atMs, forMs: dice.whole(20, 120) * SECOND, fault, of: 'PATCH' };
}

function heroku(dice: Dice, atMs: number, fault: HerokuFault, of: 'all' | 'PATCH'): StoryEvent {
  return { kind: 'heroku', atMs, forMs: spell(dice, 90), fault, of };
}

/** Short ones are as likely as long ones. */
function spell(dice: Dice, mostS: number): number {
  return dice.chance(0.5) ? dice.whole(1, Math.min(15, mostS)) * SECOND : dice.whole(5, mostS) * SECOND;
}

function skew(dice: Dice): number {
  return dice.one([-1, 1]) * dice.one([2, 30, 600, 7200]) * SECOND;
}

function keyOf(dice: Dice, { settings }: StoryType): string {
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
  { bootMs: { value: 1e12, since: '@0', until: '@1000' } },
  { bootMs: { value: 60_000, since: '@0', until: 8e15 } },
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

function plant(dice: Dice, atMs: number, type: StoryType): StoryEvent {
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
  };
  return JSON.stringify({ version: 3, token: 'x', memory, scaling: dice.one(PLANTED_STANDINGS) });
}
