/** Hostile inputs for everything that reads what others wrote: `npm run bench:fuzz -- [RUNS PER PARSER] [SEED]`. */
import * as fc from 'fast-check';

import { PARSERS } from '../test/support/fuzz/parsers.ts';

const [runs = 20_000, seed = Date.now()] = process.argv.slice(2).map(Number);
let inputs = 0;
let broken = 0;
console.log('| reader of | inputs | got through |\n|---|---:|---:|');
for (const { name, property } of PARSERS) {
  const { numRuns, failed, counterexample, errorInstance } = await fc.check(property, {
    numRuns: runs,
    seed,
  });
  inputs += numRuns;
  if (failed) {
    broken += 1;
    console.error(`${name}: ${fc.stringify(counterexample).slice(0, 500)}\n  ${String(errorInstance)}`);
  }
  console.log(`| ${name} | ${numRuns} | ${failed ? 'yes' : 0} |`);
}
console.log(`\n${inputs} inputs for ${PARSERS.length} readers (seed ${seed}), ${broken} of them broken`);
process.exitCode = broken === 0 ? 0 : 1;
