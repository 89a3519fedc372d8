import type { Dice } from './dice.ts';
import { keyOf, plant } from './plants.ts';
import type { HerokuFault, Story, StoryEvent, StoryType } from './story.ts';

const SECOND = 1000;
const MINUTE = 60_000;

/** A type leaves with one release and returns with another: never between two ticks. */
const TWO_RELEASES_MS = 60_000;

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
export function faultsOf(story: Start, spanMs: number, dice: Dice): StoryEvent[] {
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
