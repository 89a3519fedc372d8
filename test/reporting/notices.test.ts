import { expect, test } from 'vitest';

import { NO_ALARMS, type Alarms } from '../../src/journal/alarm.ts';
import type { TypeEntry } from '../../src/journal/entry.ts';
import { nextAlarms } from '../../src/reporting/notices.ts';
import { blindEntry, decidedEntry, entry, queueEntry } from '../support/entries.ts';

const well = decidedEntry();
const late = decidedEntry({
  quantity: 10,
  to: 10,
  maxWaitMs: 60_000,
  queues: [queueEntry({ ready: 9000, waitMs: 90_000 })],
  needed: 40,
});
const inTime = { ...late, queues: [queueEntry({ ready: 9000, waitMs: 30_000 })] };
const failure = { code: 'HEROKU_FORBIDDEN', message: 'Heroku refused', remedy: 'Use another token.' };
const refused = decidedEntry({ to: 9, failure });
const limited = decidedEntry({ to: 20, quantity: 10, result: 'limited' });
const refusedPods = decidedEntry({
  limit: { kind: 'refused', message: 'a quota allows 2 of 5 pods', remedy: 'Raise it.' },
});
const unschedulable = decidedEntry({
  limit: { kind: 'unschedulable', message: '2 of 5 pods run', remedy: 'Add nodes.' },
});
const manual = decidedEntry({
  hold: { kind: 'manual', words: 'scaled manually; autoscaling suspended until 10:00' },
});
const blind = blindEntry();

/** Ticks 10 s apart: what each of them tells. */
function told(...types: readonly TypeEntry[]): string[][] {
  let alarms = NO_ALARMS;
  return types.map((type, index) => {
    const next = nextAlarms(alarms, entry(index * 10, [type]));
    alarms = next.alarms;
    return next.notices.map(({ kind }) => kind);
  });
}

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const silent = (count: number): string[][] => times(count, []);

test.each<{ name: string; types: TypeEntry[]; expected: string[][] }>([
  { name: 'nothing while all is well', types: times(20, well), expected: silent(20) },
  { name: 'nothing for two failed readings', types: [blind, blind, well, blind, blind], expected: silent(5) },
  {
    name: 'blind for three ticks, once, and the end of it when it lasts',
    types: [...times(6, blind), ...times(4, well)],
    expected: [[], [], ['blind'], [], [], [], [], [], ['recovered'], []],
  },
  {
    name: 'one problem that comes and goes',
    types: [...times(3, blind), well, well, blind, well, well, ...times(3, blind), ...times(3, well)],
    expected: [[], [], ['blind'], ...silent(10), ['recovered']],
  },
  {
    name: 'late at the maximum after two minutes',
    types: [...times(14, late), ...times(3, well)],
    expected: [...silent(12), ['late'], [], [], [], ['recovered']],
  },
  { name: 'nothing at the maximum but in time', types: times(20, inTime), expected: silent(20) },
  {
    name: 'nothing while late but not yet at the maximum',
    types: times(20, { ...late, quantity: 5 }),
    expected: silent(20),
  },
  {
    name: 'a refusal after three ticks',
    types: [...times(4, refused), ...times(3, well)],
    expected: [[], [], ['refused'], [], [], [], ['recovered']],
  },
  {
    name: 'a limit once, and no all-clear',
    types: [limited, ...times(5, well), limited, well],
    expected: [['limit'], ...silent(7)],
  },
  {
    name: 'pods that a quota refuses for three ticks',
    types: [...times(6, refusedPods), well],
    expected: [[], [], ['limit'], ...silent(4)],
  },
  {
    name: 'pods that no node takes for five minutes',
    types: [...times(32, unschedulable), well],
    expected: [...silent(30), ['limit'], [], []],
  },
  {
    name: 'nothing of a node that was added in time',
    types: [...times(29, unschedulable), ...times(3, well)],
    expected: silent(32),
  },
  {
    name: 'a manual quantity once',
    types: [manual, manual, ...times(5, well)],
    expected: [['manual'], ...silent(6)],
  },
])('tells $name', ({ types, expected }) => {
  expect(told(...types)).toEqual(expected);
});

test('a limit is reported again after a day', () => {
  const first = nextAlarms(NO_ALARMS, entry(0, [limited]));
  const dayLater = nextAlarms(first.alarms, entry(86_400, [well]));
  expect(nextAlarms(dayLater.alarms, entry(86_410, [limited])).notices).toHaveLength(1);
});

test('process types are distinguished', () => {
  let alarms = NO_ALARMS;
  const notices = [0, 10, 20].flatMap((at) => {
    const next = nextAlarms(
      alarms,
      entry(at, [blind, blindEntry('mailer'), decidedEntry({ processType: 'reports' })]),
    );
    alarms = next.alarms;
    return next.notices;
  });
  expect(notices.map(({ processType }) => processType)).toEqual(['worker', 'mailer']);
  expect(notices[0]?.text).toBe('worker: cannot read state; holding: Redis cannot be reached. Look at it.');
});

test('an alarm of a process type that is not scaled gives no notice and is forgotten', () => {
  const alarm = { since: 0, seenAt: 0, on: 3, off: 0, reported: true };
  let alarms: Alarms = { 'blind pay-here': alarm, 'blind worker': alarm };
  const texts: string[] = [];
  for (let tick = 1; tick <= 4; tick += 1) {
    const next = nextAlarms(alarms, entry(tick * 10, [decidedEntry({})]));
    ({ alarms } = next);
    texts.push(...next.notices.map(({ text }) => text));
  }
  expect(texts).toEqual([expect.stringMatching(/^worker: state readable again/)]);
  expect(alarms).toEqual({});
});
