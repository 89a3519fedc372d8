import type { Failure } from '../../failure.ts';
import { wrap } from '../views/wrap.ts';

/** A longer name shifts its own line only. */
const NAME_WIDTH = 30;

/** One check: what was checked, the result, and what to do about it. */
export type Check = {
  readonly name: string;
  /** `warn`: Drover works, but not as well as it could. */
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
  const failures = checks.filter(({ state }) => state === 'fail').length;
  const verdict = failures === 0 ? 'Ready to run.' : `${failures} of ${checks.length} checks failed.`;
  return [...lines, '', verdict].join('\n');
}
