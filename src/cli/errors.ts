import type { Problem } from '../config/settings.ts';
import { Failure } from '../failure.ts';

/** The settings are wrong: every problem, for exit code 2. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.length === 1 ? 'invalid setting' : `${problems.length} invalid settings`);
    this.problems = problems;
  }
}

/** A file given as an argument cannot be read or written: for exit code 2, as any wrong argument. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** The text for stderr and the exit code of anything that a command throws. */
export function explain(thrown: unknown): { readonly text: string; readonly exitCode: 1 | 2 } {
  if (thrown instanceof SettingsError) {
    const lines = thrown.problems.map(({ variable, message }) => `  ${variable} ${message}`);
    return { text: `drover: ${thrown.message}\n${lines.join('\n')}\n`, exitCode: 2 };
  }
  if (thrown instanceof FileError) return { text: `error: ${thrown.message}\n`, exitCode: 2 };
  if (thrown instanceof Failure) {
    return { text: `drover: ${thrown.message}. ${thrown.remedy}\n`, exitCode: 1 };
  }
  // The message of an unforeseen error may hold a secret: print its name and stack frames only.
  const { name, stack = '' } = thrown instanceof Error ? thrown : { name: typeof thrown };
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    text: `drover: unexpected ${name}: a defect in Drover; report it with these lines\n${frames.join('\n')}\n`,
    exitCode: 1,
  };
}
