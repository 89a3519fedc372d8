import { Dice } from './dice.ts';
import { faultsOf } from './faults.ts';
import type { Story, StoryEvent, StoryType } from './story.ts';

/** Where all stories begin, but for their hour: a Monday. */
const BEGIN = Date.UTC(2026, 2, 2);
const SECOND = 1000;
const MINUTE = 60_000;

const SCHEDULES = [
  ['*/10 * * * * *', 10],
  ['*/10 * * * * *', 10],
  ['*/15 * * * * *', 15],
  ['*/20 * * * * *', 20],
  ['*/30 * * * * *', 30],
] as const;
/** Every hour has half an hour without a slot. */
const GAPS = '*/10 0-29 * * * *';

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
