/**
 * Checks that the suite passes on a busy machine: `npm run bench -- green`. Runs it RUNS times (10) beside LOOPS busy loops
 * (one per core), and prints a row per run. Exits with 1 when any test was red.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

const runs = Number(process.env['RUNS'] ?? 10);
const loops = Number(process.env['LOOPS'] ?? availableParallelism());

type Report = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly duration?: number | null;
    }[];
  }[];
};

const started = new Set<ChildProcess>();
let interrupted = false;

function start(command: string, args: readonly string[], options: { detached?: boolean } = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

/** The runner is asked, so that it can end what its tests have started. */
function endAll(): void {
  for (const child of started) child.kill('SIGTERM');
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted = true;
    endAll();
  });
}

async function suite(file: string): Promise<{ report: Report | undefined; seconds: number }> {
  const from = performance.now();
  const args = ['run', '--config', 'test/vitest.config.ts', '--reporter=json', `--outputFile=${file}`];
  await once(start(process.execPath, ['node_modules/vitest/vitest.mjs', ...args]), 'exit');
  const seconds = (performance.now() - from) / 1000;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return { report: text === undefined ? undefined : (JSON.parse(text) as Report), seconds };
}

const folder = await mkdtemp(join(tmpdir(), 'drover-green-'));
let red = false;
try {
  for (let loop = 0; loop < loops; loop += 1) start(process.execPath, ['-e', 'for (;;);']);
  console.log('| run | passed | failed | skipped | seconds | slowest test |\n|--:|--:|--:|--:|--:|---|');
  for (let run = 1; run <= runs && !interrupted; run += 1) {
    const { report, seconds } = await suite(join(folder, `${run}.json`));
    if (interrupted) break;
    if (report === undefined) throw new Error('the runner ended without a report');
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const count = (...status: string[]): number =>
      tests.filter((test) => status.includes(test.status)).length;
    const [slowest] = tests.toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0));
    const cells = [
      run,
      count('passed'),
      count('failed'),
      count('skipped', 'pending', 'todo'),
      seconds.toFixed(0),
      `${((slowest?.duration ?? 0) / 1000).toFixed(1)} s: ${slowest?.fullName}`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
    // A file may fail outside its tests, in a hook or as it is loaded.
    const failed = [
      ...tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
      ...report.testResults
        .filter(
          ({ status, assertionResults }) =>
            status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
        )
        .map(({ name }) => name),
    ];
    for (const name of failed) console.log(`  red: ${name}`);
    red ||= failed.length > 0;
  }
} finally {
  endAll();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = red || interrupted ? 1 : 0;
