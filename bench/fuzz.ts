/** Hostile inputs for everything that reads what others wrote: `npm run bench -- fuzz [RUNS PER PARSER] [SEED]`. */
import { PARSERS } from '../test/support/fuzz/parsers.ts';

const [runs = 20_000, seed = Date.now()] = process.argv.slice(2).map(Number);
let inputs = 0;
let broken = 0;
console.log('| reader of | inputs | got through |\n|---|---:|---:|');
for (const { name, fuzz } of PARSERS) {
  const result = await fuzz({ numRuns: runs, seed });
  inputs += result.inputs;
  if (result.broken !== undefined) {
    broken += 1;
    console.error(`${name}: ${result.broken}`);
  }
  console.log(`| ${name} | ${result.inputs} | ${result.broken === undefined ? 0 : 'yes'} |`);
}
console.log(`\n${inputs} inputs for ${PARSERS.length} readers (seed ${seed}), ${broken} of them broken`);
process.exitCode = broken === 0 ? 0 : 1;
