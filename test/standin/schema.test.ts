import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import ajvDraft04 from 'ajv-draft-04';
import { describe, expect, test } from 'vitest';

import { startPlatform } from '../../src/standin/platform.ts';
import { call } from './call.ts';

const PATH = '../shared/heroku/schema.json';
const FILE = resolve(import.meta.dirname, '../..', PATH);

type Json = Record<string, unknown>;

/** Removes examples, whose `id`s a validator takes for schema ids, and identities, which refer to missing definitions. */
function cleaned(value: unknown, inProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => cleaned(item));
  if (typeof value !== 'object' || value === null) return value;
  const dropped = inProperties ? [] : ['example', 'identity', 'links', 'id', '$schema'];
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => !dropped.includes(key) || (key === 'id' && typeof item === 'object'))
      .map(([key, item]) => [key, cleaned(item, key === 'properties')]),
  );
}

describe.skipIf(!existsSync(FILE))(`every route answers as Heroku's schema says (needs ${PATH})`, () => {
  const routes: { resource: string; method: string; path: string; body?: unknown; list: boolean }[] = [
    { resource: 'app', method: 'GET', path: '/apps/shop', list: false },
    { resource: 'app', method: 'PATCH', path: '/apps/shop', body: { maintenance: true }, list: false },
    { resource: 'formation', method: 'GET', path: '/apps/shop/formation', list: true },
    { resource: 'formation', method: 'GET', path: '/apps/shop/formation/worker', list: false },
    {
      resource: 'formation',
      method: 'PATCH',
      path: '/apps/shop/formation/worker',
      body: { quantity: 2, dyno_size: { name: 'standard-2x' } },
      list: false,
    },
    {
      resource: 'formation',
      method: 'PATCH',
      path: '/apps/shop/formation',
      body: { updates: [{ type: 'worker', quantity: 2 }] },
      list: true,
    },
    { resource: 'dyno', method: 'GET', path: '/apps/shop/dynos', list: true },
    { resource: 'dyno', method: 'GET', path: '/apps/shop/dynos/worker.1', list: false },
    { resource: 'dyno-size', method: 'GET', path: '/dyno-sizes', list: true },
    { resource: 'dyno-size', method: 'GET', path: '/dyno-sizes/standard-1x', list: false },
    { resource: 'dyno-size', method: 'GET', path: '/apps/shop/available-dyno-sizes', list: true },
    { resource: 'dyno-size', method: 'GET', path: '/apps/leaf/available-dyno-sizes', list: true },
    { resource: 'app', method: 'GET', path: '/apps/leaf', list: false },
    { resource: 'dyno', method: 'GET', path: '/apps/leaf/dynos', list: true },
    { resource: 'formation', method: 'GET', path: '/apps/leaf/formation', list: true },
    { resource: 'release', method: 'GET', path: '/apps/shop/releases', list: true },
    { resource: 'rate-limit', method: 'GET', path: '/account/rate-limits', list: false },
    { resource: 'account', method: 'GET', path: '/account', list: false },
  ];

  test.each(routes)('$method $path is $resource', async ({ resource, method, path, body, list }) => {
    const schema = cleaned(JSON.parse(readFileSync(FILE, 'utf8'))) as Json;
    const ajv = new ajvDraft04.default({ strict: false, validateFormats: false, allErrors: true });
    const platform = await startPlatform({
      scopes: ['global'],
      apps: [
        { name: 'shop', formation: [{ type: 'worker', quantity: 1 }] },
        { name: 'leaf', generation: 'fir', formation: [{ type: 'worker', quantity: 1 }] },
      ],
    });
    const called = await call(platform, method, path, body);
    await platform.close();
    expect(called.status).toBe(200);
    const documents = list ? (called.body as Json[]) : [called.body as Json];
    expect(documents.length).toBeGreaterThan(0);
    const { properties } = (schema['definitions'] as Record<string, { properties: Json }>)[resource] ?? {
      properties: {},
    };
    // The schema requires no key of anything, so that alone would take an empty object.
    const documented = Object.keys(properties);
    const validate = ajv.compile({ definitions: schema['definitions'], $ref: `#/definitions/${resource}` });
    for (const document of documents) {
      validate(document);
      expect(validate.errors).toBeNull();
      expect(Object.keys(document)).toEqual(expect.arrayContaining(documented));
      expect(validate({ ...document, id: 5, remaining: 'many' })).toBe(false);
    }
  });
});
