import { CommanderError } from 'commander';
import { expect, vi } from 'vitest';

import { explain } from '../../src/cli/errors.ts';
import { createProgram } from '../../src/cli/program.ts';
import { PLANTED, type Ran } from './drover.ts';

/**
 * `drover` in the process of the test, which takes milliseconds where a process of its own takes half a second. For
 * commands that end by themselves; one at a time, as it replaces the environment and the output of the process.
 */
export async function droverHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const printed = { stdout: '', stderr: '' };
  const into = (name: keyof typeof printed) => (text: string | Uint8Array) => {
    printed[name] += String(text);
    return true;
  };
  const before = process.env;
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into('stdout')),
    vi.spyOn(process.stderr, 'write').mockImplementation(into('stderr')),
  ];
  process.env = { ...env };
  process.exitCode = undefined;
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    else {
      const { text, exitCode } = explain(thrown);
      printed.stderr += text;
      process.exitCode = exitCode;
    }
  } finally {
    process.env = before;
    for (const spy of spies) spy.mockRestore();
  }
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  for (const secret of Object.values(PLANTED)) expect(printed.stdout + printed.stderr).not.toContain(secret);
  return { code, ...printed };
}
