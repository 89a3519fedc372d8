import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { parse, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { BENCHES } from '../../bench/benches.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The runner itself, and what another benchmark starts. */
const NO_BENCHES = new Set(['run', 'benches', 'thousand-ticks']);

function runner(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', 'bench/run.ts', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
}

test('the runner has a name for every benchmark file, and a file for every name', () => {
  const named = [...BENCHES.values()].flatMap(({ command }) =>
    command.filter((part) => part.startsWith('bench/')),
  );
  const files = readdirSync(resolve(ROOT, 'bench'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `bench/${name}`)
    .filter((name) => !NO_BENCHES.has(parse(name).name));
  expect(files.length).toBeGreaterThan(10);
  expect(named.toSorted()).toEqual(files.toSorted());
});

describe('npm run bench', () => {
  test('lists every benchmark with a sentence when no name is given', () => {
    const { status, stdout } = runner();
    expect(status).toBe(0);
    const lines = stdout.split('\n').slice(2);
    expect(lines.map((line) => line.trim().split(/ {2,}/))).toEqual(
      [...BENCHES].map(([name, { about }]) => [name, about]).concat([['']]),
    );
  });

  test('refuses a name that no benchmark has, and lists those there are', () => {
    const { status, stdout, stderr } = runner('footprints');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('There is no benchmark "footprints".');
    expect(stderr).toContain('  footprint ');
  });

  test('passes further arguments on, and the exit code back', () => {
    const { status, stdout, stderr } = runner('fuzz', '3', '7');
    expect(stderr).toBe('');
    expect(stdout).toContain('(seed 7)');
    expect(status).toBe(0);
    expect(runner('world', '--no-such-option').status).toBe(1);
  });

  test('gives the soak the garbage collector', () => {
    expect(BENCHES.get('soak')?.command).toContain('--expose-gc');
  });
});
