/**
 * Drover beside Judoscale on the demo's workload: real queues, real workers, the stand-in for Heroku. Drover is its clock
 * process; Judoscale is its own adapter in the workers, and its documented rule behind the address that it reports to.
 *
 *   npm run bench -- peer [short|full] [<seed>]
 *
 * Every time is a tenth of what it is on Heroku: ticks and reports each second, boots of about 3 s, SIGKILL after 3 s.
 * `docs/simulator.md` lists the assumptions.
 */
import { ALLOWED_WAIT_MS, AUTOSCALERS } from './peer/autoscalers.ts';
import { installJudoscale } from './peer/judoscale-package.ts';
import { play, type PlayedFigures } from './peer/play.ts';
import { seededDay } from './peer/workload.ts';

const LENGTHS_MS: Readonly<Record<string, number>> = { short: 30_000, full: 180_000 };

const [mode = 'short', seed = '7'] = process.argv.slice(2);
const lengthMs = LENGTHS_MS[mode];
if (lengthMs === undefined) throw new Error(`${mode}: expected short or full`);

const columns: readonly (readonly [title: string, of: (figures: PlayedFigures) => string])[] = [
  ['wait p50', ({ p50WaitMs }) => seconds(p50WaitMs)],
  ['p95', ({ p95WaitMs }) => seconds(p95WaitMs)],
  ['longest', ({ maxWaitMs }) => seconds(maxWaitMs)],
  [`later than ${ALLOWED_WAIT_MS / 1000} s`, ({ lateShare }) => `${(100 * lateShare).toFixed(1)} %`],
  ['bursts done in', ({ burstMs }) => burstMs.map(seconds).join(', ')],
  ['dyno-seconds', ({ dynoSeconds }) => dynoSeconds.toFixed(0)],
  ['most dynos', ({ mostDynos }) => String(mostDynos)],
  ['changes', (figures) => String(figures.changes)],
  ['dynos killed', ({ kills }) => String(kills)],
  ['jobs', ({ jobs }) => String(jobs)],
  ['run twice', ({ startedTwice }) => String(startedTwice)],
  ['failed', ({ failed }) => String(failed)],
  ['lost', ({ lost }) => String(lost)],
  ['boot p50', ({ bootMs }) => seconds(bootMs)],
  ['load', ({ load }) => load.map((value) => value.toFixed(1)).join(' to ')],
];

// The processes end with this one: dynos when their channel closes, Redis by its watchdog, the clock by its exit handler.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const packages = installJudoscale();
process.once('exit', () => packages.remove());
const day = seededDay(lengthMs, Number(seed));
console.log(`| ${lengthMs / 1000} s, seed ${seed} | ${columns.map(([title]) => title).join(' | ')} |`);
console.log(`|${'---|'.repeat(columns.length + 1)}`);
for (const autoscaler of AUTOSCALERS) {
  const figures = await play(autoscaler, day, lengthMs, packages.anchor);
  console.log(`| ${autoscaler.name} | ${columns.map(([, of]) => of(figures)).join(' | ')} |`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
