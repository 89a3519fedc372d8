import type { Problem } from '../config/settings.ts';

/** The settings are wrong: every problem, for exit code 2. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(`${problems.length === 1 ? 'a setting is' : `${problems.length} settings are`} wrong`);
    this.problems = problems;
  }
}
