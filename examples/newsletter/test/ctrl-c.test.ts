import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { poll } from '../src/local/poll.ts';
import { PATIENCE_MS } from './support/patience.ts';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));

function descendants(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    rows.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each([
  { name: 'while the app starts', printed: /This takes/ },
  { name: 'in the burst', printed: / [1-9]\d* delivered/ },
])('Ctrl-C $name ends everything that the example has started', async ({ printed }) => {
  const example = spawn(process.execPath, ['dist/local/main.js', '--mails', '2000'], {
    cwd: FOLDER,
    // Ctrl-C in a terminal signals the process group.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(example, 'close');
  const group = -(example.pid ?? Number.NaN);
  const seen = new Set<number>();
  let output = '';
  for (const stream of [example.stdout, example.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    await poll(`the output to have ${printed}`, PATIENCE_MS, () => {
      for (const pid of descendants(example.pid ?? 0)) seen.add(pid);
      return (printed.test(output) && seen.size > 0) || undefined;
    });
    process.kill(group, 'SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(output).not.toMatch(/all delivered|Error/);
    await poll('every process to end', PATIENCE_MS, () => ![...seen].some(isAlive) || undefined);
  } finally {
    if (example.exitCode === null) process.kill(group, 'SIGKILL');
  }
});
