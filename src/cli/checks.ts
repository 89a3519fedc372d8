import type { Failure } from '../failure.ts';

/** One line of the preflight: what was looked at, whether it is well, and what to do if not. */
export type Check = {
  readonly name: string;
  /** `warn`: it works, but not as well as it could. */
  readonly state: 'pass' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy?: string | undefined;
};

const MARKS = { pass: '✓', warn: '!', fail: '✗' } as const;

export function failed(name: string, { message, remedy }: Failure): Check {
  return { name, state: 'fail', detail: message, remedy };
}

export function passed(checks: readonly Check[]): boolean {
  return checks.every(({ state }) => state !== 'fail');
}

/** The preflight for a person: a line a check, the remedy below it where there is one. */
export function checksText(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, state, detail, remedy }) => [
    `${MARKS[state]} ${name.padEnd(width)}  ${detail}`,
    ...(remedy === undefined ? [] : [`  ${' '.repeat(width)}  → ${remedy}`]),
  ]);
  const failures = checks.filter(({ state }) => state === 'fail').length;
  const verdict = failures === 0 ? 'Ready to run.' : `${failures} of ${checks.length} checks failed.`;
  return [...lines, '', verdict].join('\n');
}
