import type { Burst } from '../../journal/entry.ts';
import { minutesIn, type Alternative, type Summary, type TypeSummary } from '../../journal/summary.ts';
import type { PlatformTexts } from '../platforms.ts';
import type { ShadowComparison } from '../report/shadow.ts';
import { counted, number, span, stamp, usd } from './figures.ts';
import { table } from './table.ts';
import { SHADOW_NOTES, shadowLines } from './shadow.ts';
import { folded } from './wrap.ts';

const MOST_BURSTS = 20;

/** Cost, waits and bursts of a period, in 80 columns. */
export function reportText(
  appName: string,
  summary: Summary,
  texts: PlatformTexts,
  /** Of the process types that a shadow watched, by their names. */
  shadows: ReadonlyMap<string, ShadowComparison>,
): string {
  const { from, to, seenMinutes, types } = summary;
  const seen = Math.min(100, (100 * seenMinutes) / minutesIn(from, to));
  return [
    `${appName} from ${stamp(from)} to ${stamp(to)} UTC`,
    `Coverage: ${seen.toFixed(seen < 99.5 ? 1 : 0)} %, ${counted(seenMinutes, 'minute')} with a tick`,
    ...types.flatMap((type) => ['', ...typeLines(type, texts, shadows.get(type.processType))]),
    '',
    ...[...pricesNote(texts), ...NOTES, ...(shadows.size > 0 ? SHADOW_NOTES : [])].flatMap((line) =>
      folded(line),
    ),
  ].join('\n');
}

/** Why there is nothing to report since `from`, epoch ms. `lastTickAt` undefined: no tick is recorded. */
export function nothingToReport(lastTickAt: number | undefined, from: number, now: number): string {
  if (lastTickAt === undefined)
    return 'No tick recorded yet. Start `drover run` and try again in a few minutes.';
  const last = `The last tick was ${span(now - lastTickAt)} ago`;
  return folded(
    lastTickAt < from
      ? `${last}, before this period. Choose a longer one with --since, and see \`drover status\` for whether the clock runs.`
      : `${last}. The report begins with the first whole minute after the first tick: try again after a tick in the next minute.`,
  ).join('\n');
}

const NOTES = [
  'Best fixed: the smallest constant quantity that would have started 95 % of the jobs within the target wait (60 s if unset), by a fluid model of the recorded workload. It is known only in hindsight.',
  'Waits: how long the oldest job had been ready, the maximum of each minute, sampled at each tick. A burst ends when no job waits and those running at that time are done.',
];

function pricesNote({ prices }: PlatformTexts): string[] {
  return prices === undefined ? [] : [`Prices: ${prices.list}, by the second, 720 hours a month.`];
}

function typeLines(
  type: TypeSummary,
  { words: { noun } }: PlatformTexts,
  shadow: ShadowComparison | undefined,
): string[] {
  const { processType, sizes, waitMs, added, done, changes, bursts } = type;
  return [
    ...folded(
      `${processType}${sizesText(sizes)}: ${counted(added, 'job')} added, ${number(done)} finished, ${counted(changes, 'change')}`,
    ),
    ...(shadow === undefined ? [] : shadowLines(type, shadow, noun)),
    ...table([
      ['  quantity', `${noun}s`, `${noun}-hours`, 'cost', 'saved', ''],
      [
        shadow === undefined ? '  Drover' : '  Drover (shadow)',
        '',
        type.dynoHours.toFixed(1),
        money(type.costUsd),
        '',
        '',
      ],
      fleetRow('fixed maximum', type.fixedMax),
      ...(type.cheapestFixed ? [fleetRow('best fixed', type.cheapestFixed)] : []),
    ]),
    ...(waitMs
      ? folded(
          `  wait of the oldest job: median ${span(waitMs.p50)}, p95 ${span(waitMs.p95)}, p99 ${span(waitMs.p99)}, max ${span(waitMs.most)}`,
        )
      : []),
    ...burstLines(bursts, noun),
  ];
}

function fleetRow(name: string, { dynos, dynoHours, costUsd, savedUsd }: Alternative): string[] {
  return [`  ${name}`, number(dynos), dynoHours.toFixed(1), money(costUsd), money(savedUsd), ''];
}

function burstLines(bursts: readonly Burst[], noun: string): string[] {
  if (bursts.length === 0) return ['  no bursts'];
  const left = bursts.length - MOST_BURSTS;
  return [
    ...table([
      ['  burst (UTC)', 'jobs', 'peak', `${noun}s`, 'wait', 'to last job done', ''],
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
    ...(left > 0 ? [`  ${left} earlier bursts omitted; --json lists all`] : []),
  ];
}

/** Where workers have no size, nothing. */
function sizesText(sizes: readonly string[]): string {
  const known = sizes.filter((size) => size !== '');
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}

function money(value: number | undefined): string {
  return value === undefined ? '?' : usd(value);
}
