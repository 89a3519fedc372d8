import { InvalidArgumentError, type Command } from 'commander';

import { Failure } from '../../failure.ts';
import type { DemoResult } from '../views/demo-summary.ts';
import type { DemoState } from '../views/demo.ts';

const CONCURRENCY = 5;
const MAX_DYNOS = 10;
/** Without a length the same day comes again and again. */
const CYCLE_MS = 60_000;
const SEED = 7;

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('the real loop on a local Redis and a stand-in for Heroku, under a newsletter-like workload')
    .option('--for <time>', 'end by itself after this time, such as 60s or 2m', timeOf)
    .action(async ({ for: lengthMs }: { for?: number }) => {
      const stop = new AbortController();
      const onSignal = (): void => {
        // Asked twice: at once. What runs ends with us, as each of our processes watches for that.
        if (stop.signal.aborted) process.exit(130);
        stop.abort();
      };
      process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
      try {
        await playDemo(lengthMs, stop.signal);
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      }
    });
}

function timeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const units = { s: 1000, m: 60_000, h: 3_600_000 };
  const ms = Number(match?.[1]) * units[(match?.[2] ?? 's') as keyof typeof units];
  if (!(ms >= 5000 && ms <= 86_400_000)) throw new InvalidArgumentError('It must be from 5s to 24h.');
  return ms;
}

/** Only the demo runs BullMQ itself, so it does not come with Drover: its dependencies run a script at installation. */
async function requireBullmq(): Promise<void> {
  try {
    await import('bullmq');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new Failure(
      'PACKAGE_MISSING',
      'the demo runs real BullMQ workers, and the package bullmq is not installed',
      'Install it beside Drover, `npm install bullmq`, and try again.',
      { cause },
    );
  }
}

async function playDemo(lengthMs: number | undefined, signal: AbortSignal): Promise<void> {
  await requireBullmq();
  const [
    { startDemoApp },
    { DemoRun },
    { demoLine, demoScreen, SAMPLE_MS },
    { demoSummary },
    { createLogUpdate },
    { NoRedisError },
  ] = await Promise.all([
    import('../../standin/demo-app.ts'),
    import('../demo-run.ts'),
    import('../views/demo.ts'),
    import('../views/demo-summary.ts'),
    import('log-update'),
    import('../../standin/redis-binary.ts'),
  ]);
  const out = process.stdout;
  if (!out.isTTY) out.write('Starting a Redis, a stand-in for Heroku and its first worker dyno\n');
  const stage = await startDemoApp(CONCURRENCY, MAX_DYNOS, (line) => void out.write(`${line}\n`)).catch(
    (cause: unknown) => {
      if (!(cause instanceof NoRedisError)) throw cause;
      throw new Failure('REDIS_UNREACHABLE', cause.message, cause.remedy, { cause });
    },
  );
  let result: DemoResult;
  try {
    const play = new DemoRun(stage, { max: MAX_DYNOS, cycleMs: lengthMs ?? CYCLE_MS, lengthMs, seed: SEED });
    const show = out.isTTY ? onScreen(createLogUpdate(out), demoScreen) : asLines(demoLine, SAMPLE_MS);
    result = await play.run(signal, show.update);
    show.done();
  } finally {
    await stage.close();
  }
  out.write(`${demoSummary(result)}\n`);
}

type Show = { readonly update: (state: DemoState) => void; readonly done: () => void };

function onScreen(
  screen: { (text: string): void; clear(): void; done(): void },
  draw: (state: DemoState, width: number, height: number) => string,
): Show {
  return {
    update: (state) => screen(draw(state, process.stdout.columns, process.stdout.rows)),
    done: () => screen.done(),
  };
}

/** Every change as it is made, and where things stand every two seconds. */
function asLines(line: (state: DemoState) => string, sampleMs: number): Show {
  let changes = 0;
  let updates = 0;
  let told = false;
  return {
    update: (state) => {
      if (!told && state.dashboardUrl !== undefined) {
        process.stdout.write(`Dashboard at ${state.dashboardUrl}\n`);
        told = true;
      }
      for (const change of state.changes.slice(changes)) process.stdout.write(`       ${change.words}\n`);
      changes = state.changes.length;
      if (updates % Math.round(2000 / sampleMs) === 0) process.stdout.write(`${line(state)}\n`);
      updates += 1;
    },
    done: () => {},
  };
}
