import type { Burst } from '../../journal/entry.ts';
import type { Alternative, Summary, TypeSummary } from '../../journal/summary.ts';
import type { PlatformTexts } from '../platforms.ts';
import type { ShadowComparison } from '../report/shadow.ts';
import { counted, number, span, stamp, usd } from './figures.ts';
import { escapeHtml, htmlTable } from './html.ts';
import { SHADOW_NOTES, shadowHtml } from './shadow.ts';

/** The report as a self-contained page. `shadows`: of the process types that a shadow watched, by their names. */
export function reportPage(
  appName: string,
  summary: Summary,
  texts: PlatformTexts,
  shadows: ReadonlyMap<string, ShadowComparison>,
): string {
  const title = escapeHtml(`${appName}: scaling cost and savings`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
<p>${stamp(summary.from)} to ${stamp(summary.to)} UTC, ${counted(summary.seenMinutes, 'minute')} with a tick.</p>
${summary.types.map((type) => typeSection(type, texts, shadows.get(type.processType))).join('\n')}
<p class="soft">${texts.prices === undefined ? '' : `Prices: ${escapeHtml(texts.prices.list)}. `}Best fixed: the smallest constant quantity that would have
started 95 % of the jobs within the target wait, by a fluid model of the recorded workload. Waits: how long the oldest job
had been ready, the maximum of each minute, sampled at each tick.</p>
${shadows.size === 0 ? '' : SHADOW_NOTES.map((note) => `<p class="soft">${escapeHtml(note)}</p>`).join('\n')}
</html>
`;
}

function typeSection(
  type: TypeSummary,
  { words: { noun } }: PlatformTexts,
  shadow: ShadowComparison | undefined,
): string {
  const { waitMs } = type;
  const waits = waitMs
    ? `<p>Wait of the oldest job: median ${span(waitMs.p50)}, p95 ${span(waitMs.p95)}, p99 ${span(waitMs.p99)}, max ${span(waitMs.most)}.</p>`
    : '';
  return `<h2>${escapeHtml(type.processType)}</h2>
<p>${counted(type.added, 'job')} added, ${number(type.done)} finished; ${counted(type.changes, 'change')}.</p>
${shadow === undefined ? '' : shadowHtml(type, shadow, noun)}
${htmlTable(
  ['quantity', `${noun}s`, `${noun}-hours`, 'cost', 'saved'],
  [
    [
      shadow === undefined ? 'Drover' : 'Drover (shadow)',
      '',
      type.dynoHours.toFixed(1),
      money(type.costUsd),
      '',
    ],
    fleetRow('fixed maximum', type.fixedMax),
    ...(type.cheapestFixed ? [fleetRow('best fixed', type.cheapestFixed)] : []),
  ],
)}
${waits}
${htmlTable(['burst (UTC)', 'jobs', 'peak', `${noun}s`, 'longest wait', 'to last job done'], type.bursts.map(burstRow))}`;
}

function fleetRow(name: string, { dynos, dynoHours, costUsd, savedUsd }: Alternative): string[] {
  return [name, number(dynos), dynoHours.toFixed(1), money(costUsd), money(savedUsd)];
}

function burstRow({ startedAt, endedAt, jobs, peak, dynos, waitMs }: Burst): string[] {
  return [
    stamp(startedAt),
    number(jobs),
    number(peak),
    `${dynos.before} → ${dynos.most}`,
    span(waitMs),
    span(endedAt - startedAt),
  ];
}

function money(value: number | undefined): string {
  return value === undefined ? 'unknown' : usd(value);
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0;display:block;
overflow-x:auto}th,td{padding:.3rem .9rem .3rem 0;text-align:right;border-bottom:1px solid #8885;white-space:nowrap}
th:first-child,td:first-child{text-align:left}.soft{opacity:.75;font-size:.9rem}`;
