/**
 * Two clocks, a real Redis and a local Heroku under random faults for ten thousand rounds of ticks, with what must hold
 * checked after each: `npm run bench -- soak [ROUNDS] [SEED]`. Exits with 1 when anything did not hold.
 */
import { soak } from '../test/support/faults/soak.ts';

const [rounds = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const started = performance.now();
const result = await soak({ rounds, seed, say: (line) => process.stderr.write(`${line}\n`) });
const { ticks, writes, faults, violations, rssBytes, connections } = result;

console.log('| fault | injected | longest recovery in rounds |\n|---|---:|---:|');
for (const [name, { times, longestRecovery }] of [...faults].toSorted(([a], [b]) => a.localeCompare(b)))
  console.log(`| ${name} | ${times} | ${longestRecovery} |`);
const injected = [...faults.values()].reduce((sum, { times }) => sum + times, 0);
const minutes = (performance.now() - started) / 60_000;
console.log(
  `\n${result.rounds} rounds, ${ticks} ticks of two clocks, ${writes} writes, ${injected} faults of ${faults.size} kinds in ${minutes.toFixed(1)} min (seed ${seed})`,
);
console.log(
  `resident memory, harness and clocks in one process: ${mb(rssBytes[0])} after a tenth, ${mb(rssBytes[1])} at the end`,
);
console.log(`connections of the clocks: ${connections.join(' and then ')}`);
console.log(`violations: ${violations.length}`);
for (const violation of violations) console.log(`  ${violation}`);
process.exitCode = violations.length === 0 ? 0 : 1;

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
