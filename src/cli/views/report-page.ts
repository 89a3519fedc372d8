import type { Burst } from '../../journal/entry.ts';
import { PRICES_AS_OF } from '../../journal/prices.ts';
import type { Alternative, Summary, TypeSummary } from '../../journal/summary.ts';
import { stamp } from './report.ts';
import { usd } from './status.ts';
import { number, span } from './table.ts';

/** The report as a page that needs nothing but itself, to print or to pass on. */
export function reportPage(appName: string, summary: Summary): string {
  const title = escaped(`${appName}: what scaling cost and saved`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
<p>${stamp(summary.from)} to ${stamp(summary.to)} UTC, ${number(summary.seenMinutes)} minutes with a tick.</p>
${summary.types.map(typeSection).join('\n')}
<p class="soft">Prices: Heroku's list (${PRICES_AS_OF}). Best fixed: the smallest constant number that would have kept
95 % of the jobs within the wait aimed at, by a fluid model of what was recorded. Waits: how long the oldest job had been
ready, the longest of each minute as sampled at ticks.</p>
</html>
`;
}

function typeSection(type: TypeSummary): string {
  const { waitMs } = type;
  const waits = waitMs
    ? `<p>Wait of the oldest job: median ${span(waitMs.p50)}, p95 ${span(waitMs.p95)}, p99 ${span(waitMs.p99)}, most ${span(waitMs.most)}.</p>`
    : '';
  return `<h2>${escaped(type.processType)}</h2>
<p>${number(type.added)} jobs came, ${number(type.done)} ended; ${number(type.changes)} changes.</p>
${tableOf(
  ['fleet', 'dynos', 'dyno-hours', 'cost', 'saved'],
  [
    ['Drover', '', type.dynoHours.toFixed(1), money(type.costUsd), ''],
    fleetRow('fixed maximum', type.fixedMax),
    ...(type.cheapestFixed ? [fleetRow('best fixed', type.cheapestFixed)] : []),
  ],
)}
${waits}
${tableOf(['burst (UTC)', 'jobs', 'peak', 'dynos', 'longest wait', 'to last job done'], type.bursts.map(burstRow))}`;
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

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${row('th', head)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('')}</tbody></table>`;
}

function money(value: number | undefined): string {
  return value === undefined ? 'not known' : usd(value);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:1rem 0;display:block;
overflow-x:auto}th,td{padding:.3rem .9rem .3rem 0;text-align:right;border-bottom:1px solid #8885;white-space:nowrap}
th:first-child,td:first-child{text-align:left}.soft{opacity:.75;font-size:.9rem}`;
