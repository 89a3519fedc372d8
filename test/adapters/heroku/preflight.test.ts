import { afterEach, describe, expect, test } from 'vitest';

import { documentedLimits, mayScale } from '../../../src/adapters/heroku/preflight.ts';
import { failureFrom, NEVER, startScene, type Scene } from './scene.ts';

let scene: Scene;
afterEach(() => scene?.platform.close());

describe('what check asks Heroku', () => {
  test('the app, the scopes of the token, and the requests that are left', async () => {
    scene = await startScene({
      scopes: ['read', 'write'],
      apps: [{ name: 'shop', generation: 'fir', maintenance: true, formation: [] }],
    });
    expect(scene.preflight.requestsLeft()).toBeUndefined();
    expect(await scene.preflight.app(NEVER)).toEqual({
      maintenance: true,
      generation: 'fir',
      scopes: ['read', 'write'],
    });
    expect(scene.preflight.requestsLeft()).toBe(4_499);
  });

  test('its formation and the sizes there are', async () => {
    scene = await startScene();
    expect(await scene.preflight.formation(NEVER)).toEqual([
      { processType: 'web', quantity: 1, size: 'Standard-1X' },
      { processType: 'worker', quantity: 3, size: 'Standard-1X' },
    ]);
    expect(await scene.preflight.sizes(NEVER)).toContainEqual({ name: 'Standard-2X', centsPerMonth: 5_000 });
  });

  test.each([
    { name: 'app', body: [] },
    { name: 'app', body: { maintenance: 'no' } },
    { name: 'formation', body: {} },
    { name: 'sizes', body: {} },
    { name: 'sizes', body: [{}] },
  ] as const)('$name of another form is a failure', async ({ name, body }) => {
    scene = await startScene();
    scene.platform.intercept(() => ({ status: 200, body }));
    const failure = await failureFrom(scene.preflight[name](NEVER), scene.platform.token);
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

test.each([
  { generation: 'cedar', size: 'Standard-1X', perApp: 100, perType: 100 },
  { generation: 'cedar', size: 'Eco', perApp: 100, perType: 1 },
  { generation: 'cedar', size: 'performance-l', perApp: 100, perType: 10 },
  { generation: 'fir', size: 'dyno-1c-0.5gb', perApp: 255, perType: 255 },
])('$size of $generation: $perApp an app, $perType a type', ({ generation, size, perApp, perType }) => {
  expect(documentedLimits(generation, size)).toEqual({ perApp, perType });
});
