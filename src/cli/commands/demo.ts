import { createLogUpdate } from 'log-update';

import { replyIdOf } from '../../adapters/redis/redis-failure.ts';
import { Failure } from '../../failure.ts';
import type { DemoPlatform } from '../../standin/demo-workers.ts';
import { NoRedisError } from '../../standin/redis-binary.ts';
import { demoLine, demoScreen, SAMPLE_MS, type DemoState } from '../demo/screen.ts';
import { demoSummary, type DemoResult } from '../demo/summary.ts';
import { PLATFORM_TEXTS } from '../platforms.ts';

const CONCURRENCY = 5;
const MAX_WORKERS = 10;
/** The length of the workload, which repeats when `--for` is not given. */
const CYCLE_MS = 60_000;
const SEED = 7;
const LINE_EVERY_MS = 2000;

export type DemoCommandOptions = { readonly for?: number | undefined; readonly platform: DemoPlatform };

export async function demo({ for: lengthMs, platform }: DemoCommandOptions): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => {
    // A second Ctrl-C exits at once: the demo's processes end when this one does.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const result = await runDemo(platform, lengthMs, stop.signal);
    process.stdout.write(`${demoSummary(result)}\n`);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

async function runDemo(
  platform: DemoPlatform,
  lengthMs: number | undefined,
  signal: AbortSignal,
): Promise<DemoResult> {
  // These load BullMQ.
  const { DemoRun } = await import('../demo/run.ts');
  const { startDemoApp } = await import('../../standin/demo-app.ts');
  const out = process.stdout;
  const { name, noun } = PLATFORM_TEXTS[platform].words;
  if (!out.isTTY) out.write(`Starting Redis, the stand-in for ${name} and the first worker ${noun}\n`);
  const workers = { platform, concurrency: CONCURRENCY, max: MAX_WORKERS };
  try {
    const app = await startDemoApp(workers, (line) => void out.write(`${line}\n`));
    try {
      const run = new DemoRun(app, {
        platform,
        max: MAX_WORKERS,
        cycleMs: lengthMs ?? CYCLE_MS,
        lengthMs,
        seed: SEED,
      });
      const display = out.isTTY ? liveScreen() : plainLines();
      const result = await run.run(signal, display.update);
      display.done();
      return result;
    } finally {
      await app.close();
    }
  } catch (cause) {
    throw explained(cause);
  }
}

function explained(cause: unknown): unknown {
  if (cause instanceof NoRedisError) {
    return new Failure('REDIS_UNREACHABLE', cause.message, cause.remedy, { cause });
  }
  // BullMQ names no code where it refuses a version.
  const refused = cause instanceof Error && cause.message.startsWith('Redis version needs');
  if (!refused && replyIdOf(cause) === undefined) return cause;
  return new Failure(
    'REDIS_REPLY',
    'the Redis server of this machine is too old for BullMQ',
    'Install Redis 6 or newer, or Valkey, and try again.',
    { cause },
  );
}

type Display = { readonly update: (state: DemoState) => void; readonly done: () => void };

function liveScreen(): Display {
  const out = process.stdout;
  const screen = createLogUpdate(out);
  return {
    update: (state) => screen(demoScreen(state, out.columns, out.rows)),
    done: () => screen.done(),
  };
}

/** Without a terminal: each change as it happens, and a status line every two seconds. */
function plainLines(): Display {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  let changes = 0;
  let updates = 0;
  let linked = false;
  return {
    update: (state) => {
      if (!linked && state.dashboardUrl !== undefined) {
        print(`Dashboard at ${state.dashboardUrl}`);
        linked = true;
      }
      for (const change of state.changes.slice(changes)) print(`       ${change.words}`);
      changes = state.changes.length;
      if (updates % Math.round(LINE_EVERY_MS / SAMPLE_MS) === 0) print(demoLine(state));
      updates += 1;
    },
    done: () => {},
  };
}
