/**
 * A burst of e-mails with Drover, with a rule that runs every ten minutes, and with three fixed workers.
 *
 *   npm run example [-- --mails 10000] [--only drover]
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { estimate } from './estimate.ts';
import { runBurst, SCALE, type BurstResult, type Scaling } from './burst.ts';

const NAMES: Readonly<Record<Scaling, string>> = {
  drover: 'Drover, every 10 s',
  origin: 'every 10 min, int(backlog / 100), 3 to 50',
  fixed: '3 fixed workers',
};

const { values } = parseArgs({
  options: { mails: { type: 'string', default: '10000' }, only: { type: 'string' } },
});
const mails = Number(values.mails);
const scalings = (Object.keys(NAMES) as Scaling[]).filter((name) => (values.only ?? name) === name);
if (!Number.isInteger(mails) || mails < 1 || mails > 1_000_000 || scalings.length === 0) {
  console.error('--mails must be from 1 to 1000000, --only one of drover, origin, fixed');
  process.exit(2);
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

console.log(
  `A campaign of ${mails.toLocaleString('en')} e-mails. A worker dyno sends one at a time; the mail server takes 1 s for each, a dyno
boots in 30 s, and the burst comes half-way between two runs of the ten-minute rule. All of that runs ${SCALE} times
faster here; the work of this machine (${cpus().length} cores) does not, so it counts ${SCALE} times.

This takes ${estimate(scalings, mails)}${scalings.length > 1 ? `, the first part ${estimate(scalings.slice(0, 1), mails)}` : ''}. Ctrl-C ends it with what was measured until then.
`,
);
const results: (readonly [Scaling, BurstResult])[] = [];
try {
  for (const scaling of scalings) {
    console.log(`${NAMES[scaling]}: ${estimate([scaling], mails)}`);
    const startedAt = performance.now();
    let nextAt = 0;
    const result = await runBurst({
      mails,
      scaling,
      signal: stop.signal,
      say: (line) => console.log(line),
      onProgress: (delivered, dynos) => {
        const ms = performance.now() - startedAt;
        if (ms < nextAt) return;
        nextAt = ms + 5000;
        console.log(`  ${delivered.toLocaleString('en')} delivered, ${dynos} worker dynos`);
      },
    });
    results.push([scaling, result]);
    console.log(`  all delivered after ${inMinutes((result.deliveredMs * SCALE) / 1000)} of Heroku's time\n`);
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
}

if (results.length > 0) printTable();

function printTable(): void {
  const rows = results.map(([scaling, result]) => [
    NAMES[scaling],
    `${(result.deliveredMs / 1000).toFixed(1)} s`,
    inMinutes((result.deliveredMs * SCALE) / 1000),
    String(result.mostDynos),
    ((result.dynoSeconds * SCALE) / 3600).toFixed(2),
    String(result.twice),
    String(result.kills),
  ]);
  const table = [['', 'measured', `× ${SCALE}`, 'most dynos', 'dyno-hours', 'sent twice', 'killed'], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  console.log(`Time until all ${mails.toLocaleString('en')} are delivered`);
  for (const row of table) {
    console.log(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
  }
}

function inMinutes(seconds: number): string {
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
