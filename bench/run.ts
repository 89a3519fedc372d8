/** The one entry to the benchmarks: `npm run bench -- NAME [ARGUMENTS]`; without a name it lists them. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

import { BENCHES, listing } from './benches.ts';

const ROOT = resolve(import.meta.dirname, '..');

const [name, ...args] = process.argv.slice(2);
const bench = name === undefined ? undefined : BENCHES.get(name);
if (bench === undefined) {
  if (name === undefined) console.log(listing());
  else console.error(`There is no benchmark "${name}".\n\n${listing()}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const prepared = bench.prepare === undefined ? 0 : await exitCodeOf(bench.prepare);
  process.exitCode = prepared === 0 ? await exitCodeOf([...bench.command, ...args]) : prepared;
}

/** Runs a command in the checkout's root, and passes on the signals that would leave it running behind. */
async function exitCodeOf([command = '', ...rest]: readonly string[]): Promise<number> {
  const child = spawn(command, rest, { cwd: ROOT, stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  try {
    return await new Promise((done, failed) => {
      child.once('error', failed);
      child.once('exit', (code) => done(code ?? 1));
    });
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass);
  }
}
