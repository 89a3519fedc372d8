import type { Failure } from '../../failure.ts';
import { wrap } from '../views/wrap.ts';

/** A longer name shifts its own line only. */
const NAME_WIDTH = 30;

/** One check: what was checked, the result, and what to do about it. */
export type Check = {
  readonly name: string;
  /** `warn`: Drover works, but not as well as it could. */
  readonly state: 'pass' | 'warn' | 'fail';
  /** What is so, and why that matters where it is no pass. */
  readonly detail: string;
  readonly remedy?: string | undefined;
};

/** The checks of the platform, and what the checks of the workers need of it. */
export type PlatformChecks = {
  readonly checks: readonly Check[];
  /** By process type, where they could be read. */
  readonly quantities: ReadonlyMap<string, number> | undefined;
  /** By process type; absent: workers are no pods. */
  readonly pods?: ReadonlyMap<string, PodFacts>;
};

/** What is known of the pods of a target. */
export type PodFacts = {
  /** Of the target, which its pods' names begin with. */
  readonly name: string;
  /** The controller may remove any of them, so which ones go is agreed on by name. */
  readonly byName: boolean;
  /** Seconds from SIGTERM to SIGKILL; undefined: not known. */
  readonly graceSeconds: number | undefined;
};

/** Each state as its line begins. */
export const MARKS = { pass: '✓', warn: '!', fail: '✗' } as const;

export function pass(name: string, detail: string): Check {
  return { name, state: 'pass', detail };
}

export function warn(name: string, detail: string, remedy: string): Check {
  return { name, state: 'warn', detail, remedy };
}

export function fail(name: string, detail: string, remedy: string): Check {
  return { name, state: 'fail', detail, remedy };
}

export function failed(name: string, { message, remedy }: Failure): Check {
  return fail(name, message, remedy);
}

export function passed(checks: readonly Check[]): boolean {
  return checks.every(({ state }) => state !== 'fail');
}

/** One line per check, with its remedy below. */
export function checksText(checks: readonly Check[]): string {
  const width = Math.min(NAME_WIDTH, Math.max(...checks.map(({ name }) => name.length)));
  const margin = ' '.repeat(width + 4);
  const lines = checks.flatMap(({ name, state, detail, remedy }) => {
    const [first = '', ...more] = wrap(margin, detail);
    return [
      `${MARKS[state]} ${name.padEnd(width)}  ${first.slice(margin.length)}`,
      ...more,
      ...(remedy === undefined ? [] : wrap(`${margin}→ `, remedy)),
    ];
  });
  return [...lines, '', verdict(checks)].join('\n');
}

function verdict(checks: readonly Check[]): string {
  const failures = checks.filter(({ state }) => state === 'fail').length;
  if (failures > 0) return `${failures} of ${checks.length} checks failed.`;
  const warnings = checks.filter(({ state }) => state === 'warn').length;
  return warnings === 0
    ? 'Ready to run.'
    : `Ready to run, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
}
