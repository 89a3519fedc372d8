import type { Burst } from '../../journal/entry.ts';
import { PRICES_AS_OF } from '../../journal/prices.ts';
import { minutesIn, type Alternative, type Summary, type TypeSummary } from '../../journal/summary.ts';
import { usd } from './status.ts';
import { number, span, table } from './table.ts';
import { folded } from './wrap.ts';

const MOST_BURSTS = 20;

/** What a span of time cost and how it went, in 80 columns. */
export function reportText(appName: string, summary: Summary): string {
  const { from, to, seenMinutes, types } = summary;
  const seen = Math.min(100, (100 * seenMinutes) / minutesIn(from, to));
  return [
    `${appName} from ${stamp(from)} to ${stamp(to)} UTC`,
    `Seen: ${number(seenMinutes)} minutes with a tick, ${seen.toFixed(seen < 99.5 ? 1 : 0)} % of that time.`,
    ...types.flatMap((type) => ['', ...typeLines(type)]),
    '',
    ...NOTES.flatMap((line) => folded(line)),
  ].join('\n');
}

const NOTES = [
  `Prices: Heroku's list (${PRICES_AS_OF}), by the second, 720 hours a month.`,
  'Best fixed: the smallest constant number that would have kept 95 % of the jobs within the wait aimed at (60 s where none is set), by a fluid model of what was recorded; nobody knows it beforehand.',
  'Waits: how long the oldest job had been ready, the longest of each minute as sampled at ticks. A burst is over when the jobs that ran when nothing waited any more are done.',
];

function typeLines(type: TypeSummary): string[] {
  const { processType, sizes, waitMs, added, done, changes, bursts } = type;
  return [
    ...folded(
      `${processType} (${sizes.join(', ')}): ${number(added)} jobs came, ${number(done)} ended, ${number(changes)} changes`,
    ),
    ...table([
      ['  fleet', 'dynos', 'dyno-hours', 'cost', 'saved', ''],
      ['  Drover', '', type.dynoHours.toFixed(1), money(type.costUsd), '', ''],
      fleetRow('fixed maximum', type.fixedMax),
      ...(type.cheapestFixed ? [fleetRow('best fixed', type.cheapestFixed)] : []),
    ]),
    ...(waitMs
      ? folded(
          `  wait of the oldest job: median ${span(waitMs.p50)}, p95 ${span(waitMs.p95)}, p99 ${span(waitMs.p99)}, most ${span(waitMs.most)}`,
        )
      : []),
    ...burstLines(bursts),
  ];
}

function fleetRow(name: string, { dynos, dynoHours, costUsd, savedUsd }: Alternative): string[] {
  return [`  ${name}`, number(dynos), dynoHours.toFixed(1), money(costUsd), money(savedUsd), ''];
}

function burstLines(bursts: readonly Burst[]): string[] {
  if (bursts.length === 0) return ['  no bursts'];
  const left = bursts.length - MOST_BURSTS;
  return [
    ...table([
      ['  burst (UTC)', 'jobs', 'peak', 'dynos', 'wait', 'to last job done', ''],
      ...bursts
        .slice(-MOST_BURSTS)
        .map(({ startedAt, endedAt, jobs, peak, dynos, waitMs }) => [
          `  ${stamp(startedAt)}`,
          number(jobs),
          number(peak),
          `${dynos.before} → ${dynos.most}`,
          span(waitMs),
          span(endedAt - startedAt),
          '',
        ]),
    ]),
    ...(left > 0 ? [`  and ${left} before: --json has them all`] : []),
  ];
}

function money(value: number | undefined): string {
  return value === undefined ? '?' : usd(value);
}

/** 2026-11-21 07:30. */
export function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
