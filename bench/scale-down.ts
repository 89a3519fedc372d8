/**
 * What a scale-down costs in jobs and in dyno time, by how well running jobs are protected: real worker processes on
 * the local platform, the real clock, jobs of 0.1 to 120 s and all times scaled down alike, the platform's 30 s and
 * BullMQ's locks too. Below the table there is a line for each job that did not begin once and end, but
 * for level `off`.
 *
 *   npm run bench -- scale-down [OPTIONS] [<concurrency> …]
 *
 *   --on deployment|statefulset   pods of the stand-in for Kubernetes; default: dynos
 *   --level off|named|cooperating  one level alone
 *   --types N, --dynos N           process types, and MAX_WORKERS of each; default 12 and 4
 *   --seconds N                    for how long work is added; default 200
 *   --removals N                   instead: until so many dynos were removed, at most 10,000
 *   --seed N                       another workload; default 1
 *   --log FILE                     every tick, execution of a job and stop of a dyno, as lines of JSON
 */
import { appendFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { describeHarm } from './scale-down/harm.ts';
import type { WorkloadKind } from './scale-down/kubernetes-fleet.ts';
import type { Level } from './scale-down/options.ts';
import { soak, type SoakLog, type SoakResult } from './scale-down/soak.ts';

const { values, positionals: concurrencies } = parseArgs({
  options: {
    on: { type: 'string' },
    level: { type: 'string' },
    types: { type: 'string', default: '12' },
    dynos: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '200' },
    removals: { type: 'string' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string' },
  },
  allowPositionals: true,
});
const kubernetes = values.on as WorkloadKind | undefined;
/** Names do not say which pod goes, so on Kubernetes only cooperating workers are compared with none. */
const LEVELS: readonly Level[] =
  values.level !== undefined
    ? [values.level as Level]
    : kubernetes === undefined
      ? ['off', 'named', 'cooperating']
      : ['off', 'cooperating'];
const SCALE = 0.05;

const columns: readonly (readonly [title: string, of: (result: SoakResult) => string])[] = [
  ['scale-downs', ({ scaleDowns }) => String(scaleDowns)],
  ['removed', ({ removed }) => String(removed)],
  ['had worked', ({ worked }) => String(worked)],
  ['killed without a job', ({ killedIdle }) => String(killedIdle)],
  ['jobs', ({ jobs }) => String(jobs)],
  ['killed', ({ killed }) => String(killed)],
  ['handed back', ({ handedBack }) => String(handedBack)],
  ['lock lapsed', ({ lapsed }) => String(lapsed)],
  ['run twice', ({ runTwice }) => String(runTwice)],
  ['failed', ({ failed }) => String(failed)],
  ['lost', ({ lost }) => String(lost)],
  ['dyno-seconds', ({ dynoSeconds }) => dynoSeconds.toFixed(0)],
];

async function writeLog({ ticks, runs, stopped }: SoakLog, about: object): Promise<void> {
  if (values.log === undefined) return;
  const lines = [{ ...about }, ...ticks, ...runs, ...stopped].map((entry) => `${JSON.stringify(entry)}\n`);
  await appendFile(values.log, lines.join(''));
}

console.log(`| concurrency | protection | ${columns.map(([title]) => title).join(' | ')} | ratio to off |`);
console.log(`|${'---|'.repeat(columns.length + 3)}`);
const harmed: string[] = [];
for (const concurrency of concurrencies.length > 0 ? concurrencies.map(Number) : [1, 5, 20]) {
  let off: SoakResult | undefined;
  for (const level of LEVELS) {
    const { result, log } = await soak({
      kubernetes,
      level,
      concurrency,
      processTypes: Number(values.types),
      mostDynos: Number(values.dynos),
      until:
        values.removals === undefined
          ? { ms: Number(values.seconds) * 1000 }
          : { removals: Number(values.removals) },
      scale: SCALE,
      seed: Number(values.seed),
    });
    if (level === 'off') off = result;
    const ratio = off === undefined ? '–' : (result.dynoSeconds / off.dynoSeconds).toFixed(3);
    const cells = columns.map(([, of]) => of(result));
    console.log(`| ${concurrency} | ${level} | ${cells.join(' | ')} | ${ratio} |`);
    const harms = level === 'off' ? [] : log.harms;
    harmed.push(
      ...harms.map((harm) => `${concurrency} ${level} ${describeHarm(harm, log.stopped, log.startedAt)}`),
    );
    await writeLog(log, { concurrency, level, startedAt: log.startedAt });
  }
}
if (harmed.length > 0) console.log(`\n${harmed.join('\n')}`);
