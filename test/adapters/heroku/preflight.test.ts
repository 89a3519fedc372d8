import { afterEach, describe, expect, test } from 'vitest';

import { mayScale } from '../../../src/adapters/heroku/preflight.ts';
import { failureFrom, NEVER, startLocalHeroku, type LocalHeroku } from './local-heroku.ts';

let heroku: LocalHeroku;
afterEach(() => heroku?.platform.close());

describe('the preflight reads', () => {
  test('the app, the scopes of the token and the remaining requests', async () => {
    heroku = await startLocalHeroku({
      scopes: ['read', 'write'],
      apps: [{ name: 'shop', generation: 'fir', maintenance: true, formation: [] }],
    });
    expect(heroku.preflight.requestsLeft()).toBeUndefined();
    expect(await heroku.preflight.app(NEVER)).toEqual({
      maintenance: true,
      generation: 'fir',
      scopes: ['read', 'write'],
    });
    expect(heroku.preflight.requestsLeft()).toBe(4_499);
  });

  test('the formation and the available sizes', async () => {
    heroku = await startLocalHeroku();
    expect(await heroku.preflight.formation(NEVER)).toEqual([
      { processType: 'web', quantity: 1, size: 'Standard-1X', command: 'node dist/web.js' },
      { processType: 'worker', quantity: 3, size: 'Standard-1X', command: 'node dist/worker.js' },
    ]);
    expect(await heroku.preflight.sizes(NEVER)).toContainEqual({ name: 'Standard-2X', centsPerMonth: 5_000 });
  });

  test.each([
    { name: 'app', body: [] },
    { name: 'app', body: { maintenance: 'no' } },
    { name: 'formation', body: {} },
    { name: 'sizes', body: {} },
    { name: 'sizes', body: [{}] },
  ] as const)('malformed $name as a failure', async ({ name, body }) => {
    heroku = await startLocalHeroku();
    heroku.platform.intercept(() => ({ status: 200, body }));
    const failure = await failureFrom(heroku.preflight[name](NEVER), heroku.platform.token);
    expect(failure.code).toBe('HEROKU_REPLY');
  });
});

test.each([
  { scopes: ['global'], may: true },
  { scopes: ['write'], may: true },
  { scopes: ['identity', 'write-protected'], may: true },
  { scopes: ['read', 'read-protected', 'identity'], may: false },
  { scopes: [], may: false },
])('a token of $scopes may scale: $may', ({ scopes, may }) => {
  expect(mayScale(scopes)).toBe(may);
});
