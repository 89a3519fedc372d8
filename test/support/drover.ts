import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import { afterEach, expect } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

/** What tests plant as secrets: searched for in everything that any `drover` of the suite prints. */
export const PLANTED = { token: 'HRKU-3d5c1f0e-secret-token', password: 'redis-s3cret-password' } as const;

/** A test that fails half-way must not leave a clock running that holds the lease in the next one. */
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A running `drover`, with what it has printed so far. */
export type Running = {
  readonly child: ChildProcess;
  readonly printed: { stdout: string; stderr: string };
  /** Resolves at the end of the process; fails the test when any of the secrets was printed. */
  readonly ended: Promise<Ran>;
};

export type RunOptions = {
  /** The whole environment besides PATH: the machine's own settings must not leak in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Must not appear in anything printed. */
  readonly secrets?: readonly string[];
  /** A file that stdout goes to instead, by its descriptor. */
  readonly stdout?: number;
  /** The program; by default that of the checkout. */
  readonly main?: string;
};

export function startDrover(
  args: readonly string[],
  { env = {}, secrets = [], stdout, main = MAIN }: RunOptions = {},
): Running {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const printed = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    for (const secret of [...Object.values(PLANTED), ...secrets])
      expect(printed.stdout + printed.stderr).not.toContain(secret);
    return { code: typeof code === 'number' ? code : null, ...printed };
  });
  return { child, printed, ended };
}

export async function drover(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return await startDrover(args, options).ended;
}
