import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { loadAllSettings } from '../../src/config/load.ts';
import { SPEC } from '../../src/config/spec.ts';

type Variable = { readonly value?: string; readonly generator?: 'secret'; readonly required?: false };

const ROOT = resolve(import.meta.dirname, '../..');
const app = JSON.parse(readFileSync(resolve(ROOT, 'app.json'), 'utf8')) as {
  readonly formation: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, Variable>>;
};
/** What the form of the Deploy button sets of itself. */
const preset = Object.entries(app.env).flatMap(([name, { value }]) =>
  value === undefined ? [] : [[name, value]],
);
/** What it asks for. */
const asked = {
  TARGET_APP_NAME: 'shop',
  REDIS_URL: 'rediss://:pw@redis.example:6380',
  QUEUES: 'mail',
  HEROKU_API_KEY: 'HRKU-3d5c1f0e-of-the-form',
};
const filled = { ...Object.fromEntries(preset), ...asked, DASHBOARD_TOKEN: 'x'.repeat(64) } as Record<
  string,
  string
>;

test('each variable of the form is a setting, and each value its default, but for the shadow', () => {
  expect(Object.keys(app.env).filter((name) => !Object.hasOwn(SPEC, name))).toEqual([]);
  const others = preset.filter(([name = '', value]) => {
    const setting = SPEC[name as keyof typeof SPEC] as { readonly default?: string };
    return setting.default !== value;
  });
  expect(others).toEqual([['DRY_RUN', 'shadow']]);
});

test('it needs from the user what Drover cannot start without, and no more', () => {
  const needed = Object.entries(app.env).filter(
    ([, { value, generator, required }]) =>
      value === undefined && generator === undefined && required !== false,
  );
  expect(needed.map(([name]) => name)).toEqual(Object.keys(asked));
  for (const name of Object.keys(asked))
    expect(loadAllSettings({ ...filled, [name]: '' }).kind).toBe('wrong');
});

test('what it deploys is a shadow of the app that is named', () => {
  const loaded = loadAllSettings({ ...filled, DYNO: 'clock.1' });
  expect(loaded).toMatchObject({ apps: [{ appName: 'shop', mode: 'shadow' }], hints: [] });
});

test('for several apps TARGET_APPS is set beside what the form has', () => {
  const loaded = loadAllSettings({ ...filled, TARGET_APPS: 'shop,blog', BLOG_QUEUES: 'feeds' });
  expect(loaded).toMatchObject({
    apps: [
      { appName: 'shop', mode: 'shadow' },
      { appName: 'blog', mode: 'shadow', processTypes: [{ queues: ['feeds'] }] },
    ],
  });
});

test('its process types are those of the Procfile', () => {
  const types = [...readFileSync(resolve(ROOT, 'Procfile'), 'utf8').matchAll(/^(\w+):/gm)].map(
    ([, name]) => name,
  );
  expect(Object.keys(app.formation).toSorted()).toEqual(types.toSorted());
});
