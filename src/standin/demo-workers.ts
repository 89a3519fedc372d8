import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type DemoPlatform = 'heroku' | 'kubernetes';

export const PROCESS_TYPE = 'worker';
/** Shorter than on a platform; the process itself takes another second. */
export const BOOT_MS = 1500;

export type DemoWorker = {
  readonly name: string;
  readonly state: 'starting' | 'up' | 'stopping' | 'crashed';
};

/** The workers of the demo, on a stand-in for a platform. */
export type DemoWorkers = {
  /** Settings with which Drover finds and scales them. */
  readonly env: Readonly<Record<string, string>>;
  /** Those that are stopping, too. */
  list(): readonly DemoWorker[];
  setQuantity(quantity: number): void;
  /** From the creation of each worker to its end. */
  seconds(): number;
  /** SIGKILLs sent because a grace time ran out. */
  kills(): number;
  /** Stops the stand-in and every process. */
  close(): Promise<void>;
};

/** Starts the process of one worker with what its platform sets in its environment. */
export type SpawnWorker = (env: Readonly<Record<string, string>>) => ChildProcess;

/** `settings`: what the app itself would set for its workers. */
export function workerSpawner(settings: Readonly<Record<string, string>>): SpawnWorker {
  const worker = fileURLToPath(new URL('demo-worker.js', import.meta.url));
  return (env) =>
    spawn(process.execPath, [worker], {
      env: { PATH: process.env['PATH'], ...env, ...settings },
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
}
