import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Failure } from '../../../src/failure.ts';

/** Something that reads what others wrote: `try` makes a run of a check that throws where something got through. */
export type Parser = {
  readonly name: string;
  /** A run of so many inputs, and what got through. */
  readonly fuzz: (options: FuzzOptions) => Promise<FuzzResult>;
};

/** `broken`: the smallest input that got through, and what it did. */
/** `taken`: inputs that the reader took for good. */
export type FuzzResult = {
  readonly inputs: number;
  readonly accepted: number;
  readonly broken: string | undefined;
};

export type FuzzOptions = { readonly numRuns: number; readonly seed?: number };

export const SECRET = 'HRKU-fuzz-s3cret-token';
export const LONGEST_WORDS = 3000;

/** `run` answers false for an input that its reader did not take. */
export function check<T>(name: string, inputs: fc.Arbitrary<T>, run: (input: T) => void | boolean): Parser {
  return checkAsync(name, inputs, async (input) => run(input));
}

export function checkAsync<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  run: (input: T) => Promise<void | boolean>,
): Parser {
  return {
    name,
    fuzz: async (options) => {
      let taken = 0;
      const count = async (input: T): Promise<void> => {
        if ((await run(input)) !== false) taken += 1;
      };
      const result = await fc.check(fc.asyncProperty(inputs, count), options);
      const { numRuns, failed, counterexample, errorInstance } = result;
      const broken = `${fc.stringify(counterexample).slice(0, 500)}: ${String(errorInstance)}`;
      return { inputs: numRuns, accepted: taken, broken: failed ? broken : undefined };
    },
  };
}

/** A text for a person: bounded, and without anything that moves a cursor. */
export function assertText(text: string): void {
  assert.ok(text.length <= LONGEST_WORDS, `${text.length} characters`);
  assert.ok(!/(?![\n\t])\p{Cc}/u.test(text), `a control character in ${JSON.stringify(text)}`);
}

export function assertFailure(thrown: unknown): void {
  assert.ok(thrown instanceof Failure, `threw ${String(thrown)}`);
  assertText(thrown.message);
  assertText(thrown.remedy);
}

/** No finite number above what a count can be, and none below 0. */
export function assertCounts(value: unknown): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value) && value >= 0, String(value));
  else if (value instanceof Map) for (const count of value.values()) assertCounts(count);
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) assertCounts(part);
}
