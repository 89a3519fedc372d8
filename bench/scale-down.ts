/**
 * What a scale-down costs in jobs and in dyno time, by how well running jobs are protected: real worker processes on
 * the local platform, the real clock, jobs of 0.1 to 120 s and all times scaled down alike, the platform's 30 s too.
 *
 *   npm run bench -- scale-down [OPTIONS] [<seconds of load> [<concurrency> …]]
 *
 *   --on deployment|statefulset   pods of the stand-in for Kubernetes; default: dynos
 *   --level off|named|cooperating  one level alone
 *   --types N, --dynos N           process types, and MAX_WORKERS of each; default 12 and 4
 *   --seed N                       another workload; default 1
 */
import { parseArgs } from 'node:util';

import type { WorkloadKind } from './scale-down/kubernetes-deployment.ts';
import type { Level } from './scale-down/local-deployment.ts';
import { soak, type SoakResult } from './scale-down/soak.ts';

const { values, positionals } = parseArgs({
  options: {
    on: { type: 'string' },
    level: { type: 'string' },
    types: { type: 'string', default: '12' },
    dynos: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const [seconds = '200', ...concurrencies] = positionals;
const kubernetes = values.on as WorkloadKind | undefined;
/** Names do not say which pod goes, so on Kubernetes only cooperating workers are compared with none. */
const LEVELS: readonly Level[] =
  values.level !== undefined
    ? [values.level as Level]
    : kubernetes === undefined
      ? ['off', 'named', 'cooperating']
      : ['off', 'cooperating'];
const SCALE = 0.05;

const columns: readonly (readonly [title: string, of: (result: SoakResult, off: SoakResult) => string])[] = [
  ['scale-downs', ({ scaleDowns }) => String(scaleDowns)],
  ['dynos removed', ({ dynosRemoved }) => String(dynosRemoved)],
  ['dynos killed', ({ sigkills }) => String(sigkills)],
  ['jobs', ({ jobs }) => String(jobs)],
  ['run twice', ({ runTwice }) => String(runTwice)],
  ['stalled', ({ stalled }) => String(stalled)],
  ['failed', ({ failed }) => String(failed)],
  ['lost', ({ lost }) => String(lost)],
  ['dyno-seconds', ({ dynoSeconds }) => dynoSeconds.toFixed(0)],
  ['ratio to off', ({ dynoSeconds }, off) => (dynoSeconds / off.dynoSeconds).toFixed(3)],
];

console.log(`| concurrency | protection | ${columns.map(([title]) => title).join(' | ')} |`);
console.log(`|${'---|'.repeat(columns.length + 2)}`);
for (const concurrency of concurrencies.length > 0 ? concurrencies.map(Number) : [1, 5, 20]) {
  let off: SoakResult | undefined;
  for (const level of LEVELS) {
    const result = await soak({
      kubernetes,
      level,
      concurrency,
      processTypes: Number(values.types),
      mostDynos: Number(values.dynos),
      lengthMs: Number(seconds) * 1000,
      scale: SCALE,
      seed: Number(values.seed),
    });
    off ??= result;
    const cells = columns.map(([, of]) => of(result, off as SoakResult));
    console.log(`| ${concurrency} | ${level} | ${cells.join(' | ')} |`);
  }
}
