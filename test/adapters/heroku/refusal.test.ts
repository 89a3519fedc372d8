import { afterEach, describe, expect, test } from 'vitest';

import type { FailureCode } from '../../../src/failure.ts';
import type { Fault } from '../../../src/standin/fault.ts';
import {
  failureFrom,
  NEVER,
  refuseLeak,
  startLocalHeroku,
  timeoutFor,
  type LocalHeroku,
} from './local-heroku.ts';

let heroku: LocalHeroku;
afterEach(() => heroku.platform.close());

const ROW = { type: 'worker', quantity: 3, size: 'Standard-1X' };

type FaultRow = { name: string; fault: Fault; code: FailureCode; says: RegExp };

const OUTAGES: FaultRow[] = [
  {
    name: '500',
    fault: { status: 500, body: { id: 'internal_server_error' } },
    code: 'HEROKU_UNAVAILABLE',
    says: /500/,
  },
  {
    name: '503 with nothing',
    fault: { status: 503 },
    code: 'HEROKU_UNAVAILABLE',
    says: /503.*status\.heroku\.com/s,
  },
  { name: '502 with HTML', fault: { status: 502, body: '<html>' }, code: 'HEROKU_UNAVAILABLE', says: /502/ },
  {
    name: '200 with nothing',
    fault: { status: 200, body: '' },
    code: 'HEROKU_REPLY',
    says: /other than JSON/,
  },
  {
    name: '200 with HTML',
    fault: { status: 200, body: '<html>Maintenance</html>' },
    code: 'HEROKU_REPLY',
    says: /other than JSON/,
  },
  {
    name: '200 with half of the JSON',
    fault: { status: 200, body: '{"type":"worker","quan' },
    code: 'HEROKU_REPLY',
    says: /other than JSON/,
  },
  {
    name: 'a redirect',
    fault: { status: 302, headers: { Location: 'http://127.0.0.1:9/' } },
    code: 'HEROKU_REPLY',
    says: /302.*HEROKU_API_URL/s,
  },
  {
    name: '404 with HTML',
    fault: { status: 404, body: '<html>' },
    code: 'HEROKU_REPLY',
    says: /404.*HEROKU_API_URL/s,
  },
  { name: 'a reset', fault: { reset: true }, code: 'HEROKU_UNREACHABLE', says: /ECONNRESET/ },
  { name: 'a hang', fault: { hang: true }, code: 'HEROKU_TIMEOUT', says: /1 s/ },
  { name: 'a drip', fault: { dripMs: 50 }, code: 'HEROKU_TIMEOUT', says: /1 s/ },
  { name: 'a cut', fault: { cutAfterBytes: 5 }, code: 'HEROKU_UNREACHABLE', says: /cannot reach/ },
];

const WRONG_BODIES: FaultRow[] = [
  { name: 'null', fault: { status: 200, body: 'null' }, code: 'HEROKU_REPLY', says: /formation/ },
  { name: 'a number', fault: { status: 200, body: '3' }, code: 'HEROKU_REPLY', says: /formation/ },
  { name: 'a single row', fault: { status: 200, body: ROW }, code: 'HEROKU_REPLY', says: /formation/ },
  {
    name: 'no quantity',
    fault: { status: 200, body: [{ type: 'worker', size: 'x' }] },
    code: 'HEROKU_REPLY',
    says: /quantity/,
  },
  ...['3', 3.5, -1, null, 1e300].map((quantity) => ({
    name: `the quantity ${JSON.stringify(quantity)}`,
    fault: { status: 200, body: [{ ...ROW, quantity }] },
    code: 'HEROKU_REPLY' as const,
    says: /quantity/,
  })),
  {
    name: 'another type',
    fault: { status: 200, body: [{ ...ROW, type: 'web' }] },
    code: 'HEROKU_TYPE_MISSING',
    says: /it has web/,
  },
  {
    name: 'a size with control characters',
    fault: { status: 200, body: [{ ...ROW, size: '\u001b[31m' }] },
    code: 'HEROKU_REPLY',
    says: /dyno size/,
  },
];

const REFUSALS: FaultRow[] = [
  {
    name: '401',
    fault: { status: 401, body: { id: 'unauthorized', message: 'Invalid credentials provided.' } },
    code: 'HEROKU_UNAUTHORIZED',
    says: /heroku authorizations:create -s write/,
  },
  {
    name: '402',
    fault: { status: 402, body: { id: 'delinquent' } },
    code: 'HEROKU_PAYMENT',
    says: /billing/,
  },
  {
    name: '403 without access',
    fault: { status: 403, body: { id: 'forbidden', message: 'You do not have access to the app shop.' } },
    code: 'HEROKU_FORBIDDEN',
    says: /"shop".*heroku access:add/s,
  },
  {
    name: '403 suspended',
    fault: { status: 403, body: { id: 'suspended' } },
    code: 'HEROKU_SUSPENDED',
    says: /suspended/,
  },
  {
    name: '403 without the scope',
    fault: {
      status: 403,
      headers: { 'Oauth-Scope': 'identity', 'Oauth-Scope-Accepted': 'global write' },
      body: { id: 'forbidden' },
    },
    code: 'HEROKU_SCOPE',
    says: /"identity".*heroku authorizations:create -s write/s,
  },
  {
    name: '404 of the app',
    fault: { status: 404, body: { id: 'not_found', resource: 'app' } },
    code: 'HEROKU_APP_MISSING',
    says: /"shop".*heroku apps/s,
  },
  {
    name: '406',
    fault: { status: 406, body: { id: 'not_acceptable' } },
    code: 'HEROKU_REJECTED',
    says: /406 \(not_acceptable\)/,
  },
  {
    name: '410',
    fault: { status: 410, body: { id: 'gone' } },
    code: 'HEROKU_REJECTED',
    says: /410 \(gone\)/,
  },
  {
    name: '422 for billing',
    fault: { status: 422, body: { id: 'verification_required' } },
    code: 'HEROKU_PAYMENT',
    says: /billing/,
  },
  {
    name: '422 with a hostile message',
    fault: { status: 422, body: { id: 'invalid_params', message: '\u001b[2JNo such size' } },
    code: 'HEROKU_REJECTED',
    says: /invalid_params\): "\\u001b\[2JNo such size".*heroku ps:type -a shop/s,
  },
];

describe('a reading that fails is a failure and no quantity', () => {
  test.each([...OUTAGES, ...WRONG_BODIES, ...REFUSALS])('$name', async ({ fault, code, says }) => {
    heroku = await startLocalHeroku(timeoutFor(fault));
    heroku.platform.intercept(() => fault);
    const states = await heroku.formation.read(['worker'], NEVER);
    refuseLeak(states, heroku.platform.token);
    const failure = states.get('worker');
    expect(failure).toMatchObject({ code });
    expect(failure).toBeInstanceOf(Error);
    const { message, remedy } = failure as Error & { remedy: string };
    expect(`${message}\n${remedy}`).toMatch(says);
    expect(`${message}${remedy}`).not.toMatch(/\p{Cc}/u);
  });
});

describe('a refused write is a failure, and is not repeated', () => {
  test.each(REFUSALS)('$name', async ({ fault, code }) => {
    heroku = await startLocalHeroku();
    heroku.faults('pass', fault);
    const failure = await failureFrom(
      heroku.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER),
      heroku.platform.token,
    );
    expect(failure.code).toBe(code);
    expect(heroku.requests().filter((line) => line.startsWith('PATCH'))).toHaveLength(1);
    expect(heroku.platform.quantity('shop', 'worker')).toBe(3);
  });
});

describe('a refusal of the stand-in itself', () => {
  test.each([
    { name: 'a wrong token', options: { clientToken: 'HRKU-wrong' }, code: 'HEROKU_UNAUTHORIZED' },
    { name: 'an unknown app', options: { appName: 'shopp' }, code: 'HEROKU_APP_MISSING' },
    { name: 'a token of scope identity', options: { scopes: ['identity'] }, code: 'HEROKU_SCOPE' },
  ])('$name', async ({ options, code }) => {
    heroku = await startLocalHeroku(options);
    expect((await heroku.formation.read(['worker'], NEVER)).get('worker')).toMatchObject({ code });
  });

  test('a token of scope read may read but not write', async () => {
    heroku = await startLocalHeroku({ scopes: ['read'] });
    const states = await heroku.formation.read(['worker'], NEVER);
    expect(states.get('worker')).toMatchObject({ quantity: 3 });
    const work = heroku.formation.resize({ processType: 'worker', from: 3, to: 5 }, NEVER);
    const failure = await failureFrom(work, heroku.platform.token);
    expect(failure.code).toBe('HEROKU_SCOPE');
    expect(failure.message).toContain('"read"');
  });

  test('the failure for a missing process type names the existing ones', async () => {
    heroku = await startLocalHeroku();
    const one = (await heroku.formation.read(['mailer'], NEVER)).get('mailer');
    const several = await heroku.formation.read(['worker', 'mailer'], NEVER);
    const message = 'the app "shop" has no process type "mailer"; it has web, worker';
    expect(one).toMatchObject({ code: 'HEROKU_TYPE_MISSING', message });
    expect(several.get('mailer')).toMatchObject({ code: 'HEROKU_TYPE_MISSING', message });
    expect(several.get('worker')).toMatchObject({ quantity: 3 });
  });

  test('a closed port', async () => {
    heroku = await startLocalHeroku();
    await heroku.platform.close();
    const failure = (await heroku.formation.read(['worker'], NEVER)).get('worker');
    refuseLeak(failure, heroku.platform.token);
    expect(failure).toMatchObject({ code: 'HEROKU_UNREACHABLE' });
  });

  test("a token in Heroku's message is removed", async () => {
    heroku = await startLocalHeroku();
    const message = `bad ${'x'.repeat(60)} ${heroku.platform.token}`;
    heroku.platform.intercept(() => ({ status: 422, body: { id: 'invalid_params', message } }));
    const failure = (await heroku.formation.read(['worker'], NEVER)).get('worker');
    refuseLeak(failure, heroku.platform.token);
    expect(failure).toMatchObject({ message: expect.stringContaining('bad x') });
    expect(JSON.stringify((failure as Error).message)).not.toContain(heroku.platform.token.slice(0, 12));
  });
});
