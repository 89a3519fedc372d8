import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { herokuFormation } from '../../../src/adapters/heroku/formation.ts';
import { rowOf, rowsOf, type Row } from '../../../src/adapters/heroku/answer.ts';
import { Failure, failureOf, type FailureCode } from '../../../src/failure.ts';
import type { Fault } from '../../../src/standin/fault.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { FakeClock } from './fake-clock.ts';
import { NEVER, refuseLeak, startLocalHeroku, type LocalHeroku } from './local-heroku.ts';

let heroku: LocalHeroku;
beforeAll(async () => {
  heroku = await startLocalHeroku();
});
afterAll(() => heroku.platform.close());

const faults: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fault>('pass') },
  fc.constantFrom<Fault>(
    { reset: true },
    { applyThenReset: true },
    { cutAfterBytes: 3 },
    { status: 200, body: '' },
    { status: 503 },
    { status: 429, headers: { 'Retry-After': '2' } },
    { status: 401, body: { id: 'unauthorized' } },
    { status: 404, body: { id: 'not_found', resource: 'formation' } },
    { status: 422, body: { id: 'cannot_update_above_limit', limit: 4 } },
  ),
  fc.record({
    status: fc.constantFrom(200, 202, 204, 301, 400, 403, 409, 422, 500),
    body: fc.jsonValue().map((value) => JSON.stringify(value)),
  }),
);

test('law: whatever Heroku answers, a resize reports the real quantity or a failure, and sets no other quantity', async () => {
  let failed = 0;
  let known = 0;
  const { platform } = heroku;
  await fc.assert(
    fc.asyncProperty(fc.array(faults, { maxLength: 9 }), fc.nat(8), fc.nat(8), async (sequence, from, to) => {
      platform.intercept(undefined);
      platform.setQuantity('shop', 'worker', from);
      const clock = new FakeClock();
      const { url: baseUrl, token } = platform;
      const formation = herokuFormation({ appName: 'shop', token, baseUrl, timeoutMs: PATIENCE_MS, clock });
      const queue = [...sequence];
      platform.intercept(() => queue.shift() ?? 'pass');
      const resized = await formation
        .resize({ processType: 'worker', from, to }, NEVER)
        .catch((thrown: unknown) => failureOf(thrown));
      refuseLeak(resized, token);
      const quantity = platform.quantity('shop', 'worker');
      expect(quantity).toBeGreaterThanOrEqual(Math.min(from, to));
      expect(quantity).toBeLessThanOrEqual(Math.max(from, to));
      const unknown = resized instanceof Failure || resized.kind === 'unknown';
      expect(resized).toSatisfy(
        (result) => unknown || (result as { quantity: number }).quantity === quantity,
      );
      if (unknown) failed += 1;
      else known += 1;
    }),
    { numRuns: 250 },
  );
  expect(failed).toBeGreaterThan(20);
  expect(known).toBeGreaterThan(20);
});

test('law: any JSON is a formation of whole quantities or HEROKU_REPLY', () => {
  const name = fc.constantFrom('worker', 'Standard-1X');
  const field = fc.oneof(fc.jsonValue(), fc.integer(), name, name, name);
  const quantity = fc.oneof(fc.nat(100_000), fc.nat(100_000), fc.integer(), fc.jsonValue());
  const row = fc.record({ type: field, quantity, size: field }, { requiredKeys: ['type', 'quantity'] });
  let read = 0;
  let refused = 0;
  const codeOf = (work: () => readonly Row[]): FailureCode | readonly Row[] => {
    try {
      return work();
    } catch (thrown) {
      return (thrown as Failure).code;
    }
  };
  const isTrue = ({ quantity: count, processType, size }: Row): boolean =>
    Number.isSafeInteger(count) && count >= 0 && /^[-\w]+ [-.\w]+$/.test(`${processType} ${size}`);
  fc.assert(
    fc.property(fc.oneof(row, fc.array(row), fc.jsonValue()), (json) => {
      for (const parse of [(): readonly Row[] => [rowOf(json)], (): readonly Row[] => rowsOf(json)]) {
        const parsed = codeOf(parse);
        if (typeof parsed === 'string') refused += 1;
        else read += parsed.length;
        expect(parsed).toSatisfy((result) => result === 'HEROKU_REPLY' || result.every(isTrue));
      }
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(100);
});
