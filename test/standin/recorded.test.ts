import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startPlatform, type Platform } from '../../src/standin/platform.ts';
import { call } from './call.ts';

const PATH = '../shared/heroku/recorded-2015.jsonl';
const FILE = resolve(import.meta.dirname, '../..', PATH);

type Exchange = {
  readonly request: { readonly method: string; readonly path: string; readonly body: string };
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string[]>;
    readonly body: string;
  };
};

/** Headers of nginx, the proxy and the recorder. */
const NOT_OURS = new Set(['server', 'status', 'content-encoding', 'connection', 'date', 'content-length']);
/** The same request to the stand-in, as method and path; it has no routes to delete or rename apps. */
function shapeOf({ request, response }: Exchange): string | undefined {
  const [, rest = ''] = /^\/apps\/[^/]+(.*)$/.exec(request.path) ?? [];
  const renamed = request.method === 'PATCH' && rest === '' && !request.body.includes('maintenance');
  if (request.method === 'DELETE' || renamed) return undefined;
  const missing = response.status === 404 && rest === '';
  const app = missing ? 'missing' : response.body === '[]' ? 'fresh' : 'shop';
  return `${request.method} /apps/${app}${rest}`;
}

const keysOf = (body: unknown): string[] => Object.keys([body].flat()[0] ?? {});

describe.skipIf(!existsSync(FILE))(`answers have the shapes recorded from Heroku (needs ${PATH})`, () => {
  const exchanges = existsSync(FILE)
    ? readFileSync(FILE, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Exchange)
    : [];
  const shapes = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const shape = shapeOf(exchange);
    if (shape !== undefined) shapes.set(shape, [...(shapes.get(shape) ?? []), exchange]);
  }
  let platform: Platform;

  beforeAll(async () => {
    platform = await startPlatform({
      scopes: ['global'],
      apps: [
        { name: 'shop', formation: [{ type: 'web', quantity: 1 }] },
        { name: 'fresh', deployed: false, formation: [] },
      ],
    });
  });
  afterAll(() => platform.close());

  test('the recording has exchanges', () => {
    expect(exchanges.length).toBeGreaterThan(300);
    expect([...shapes.keys()].length).toBeGreaterThanOrEqual(9);
  });

  test.each([...shapes].map(([shape, group]) => ({ shape, group })))('$shape', async ({ shape, group }) => {
    for (const { request, response } of group) {
      const [method = '', path = ''] = shape.split(' ');
      const body = request.body === '' ? undefined : (JSON.parse(request.body) as unknown);
      const called = await call(platform, method, path, body);
      expect(called.status).toBe(response.status);
      const names = Object.keys(response.headers)
        .map((name) => name.toLowerCase())
        .filter((name) => !NOT_OURS.has(name));
      expect(names.length).toBeGreaterThan(5);
      expect([...called.headers.keys()]).toEqual(expect.arrayContaining(names));
      for (const name of ['oauth-scope-accepted', 'content-type', 'cache-control', 'ratelimit-multiplier']) {
        expect(called.headers.get(name)).toBe(
          Object.entries(response.headers).find(([key]) => key.toLowerCase() === name)?.[1]?.[0] ?? null,
        );
      }
      const keys = keysOf(JSON.parse(response.body));
      expect(keysOf(called.body)).toEqual(expect.arrayContaining(keys));
    }
  });
});
