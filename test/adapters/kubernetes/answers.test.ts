import { beforeEach, describe, expect, test } from 'vitest';

import type { Answer } from '../../../src/adapters/http/answer.ts';
import type { Failure } from '../../../src/failure.ts';
import type { Formation } from '../../../src/ports/platform.ts';
import type { FakeClock } from '../heroku/fake-clock.ts';
import type { ClusterInMemory } from './cluster-in-memory.ts';
import { onCluster, readOf } from './on-cluster.ts';

let cluster: ClusterInMemory;
let clock: FakeClock;
let formation: Formation;

beforeEach(() => {
  ({ cluster, clock, formation } = onCluster('deployment/worker'));
});

describe('an answer', () => {
  const rows: {
    name: string;
    answer: () => Answer | { code: string; tooLong: boolean };
    code: string;
    says: RegExp;
  }[] = [
    {
      name: '401',
      answer: () => cluster.status(401, 'Unauthorized'),
      code: 'KUBERNETES_UNAUTHORIZED',
      says: /expired/,
    },
    {
      name: '403',
      answer: () => cluster.status(403, 'Forbidden'),
      code: 'KUBERNETES_FORBIDDEN',
      says: /may not get deployments\/scale in the namespace "prod"/,
    },
    {
      name: '404 of the target',
      answer: () => cluster.status(404, 'NotFound'),
      code: 'KUBERNETES_TARGET_MISSING',
      says: /has no deployment\/worker/,
    },
    {
      name: '404 of the path',
      answer: () => ({ status: 404, header: () => undefined, json: undefined }),
      code: 'KUBERNETES_TARGET_MISSING',
      says: /knows no resource deployments\/scale|knows no resource/,
    },
    {
      name: '422',
      answer: () => cluster.status(422, 'Invalid'),
      code: 'KUBERNETES_REJECTED',
      says: /422 \(Invalid\)/,
    },
    {
      name: '429 with a Retry-After of a minute',
      answer: () => cluster.status(429, 'TooManyRequests', 'x', { 'retry-after': '60' }),
      code: 'KUBERNETES_RATE_LIMITED',
      says: /429/,
    },
    {
      name: '503',
      answer: () => cluster.status(503, 'ServiceUnavailable'),
      code: 'KUBERNETES_UNAVAILABLE',
      says: /503/,
    },
    {
      name: 'a page of a proxy',
      answer: () => ({ status: 200, header: () => undefined, json: undefined }),
      code: 'KUBERNETES_REPLY',
      says: /other than JSON/,
    },
    {
      name: 'none in time',
      answer: () => ({ code: 'ETIMEDOUT', tooLong: false }),
      code: 'KUBERNETES_TIMEOUT',
      says: /10 s/,
    },
    {
      name: 'a reset',
      answer: () => ({ code: 'ECONNRESET', tooLong: false }),
      code: 'KUBERNETES_UNREACHABLE',
      says: /ECONNRESET/,
    },
    {
      name: 'a certificate of another authority',
      answer: () => ({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', tooLong: false }),
      code: 'KUBERNETES_CERTIFICATE',
      says: /cannot be verified/,
    },
    { name: '40 MB', answer: () => ({ code: '', tooLong: true }), code: 'KUBERNETES_REPLY', says: /32 MB/ },
  ];

  test.each(rows)('$name is $code, with a remedy and without the token', async ({ answer, code, says }) => {
    cluster.intercept = answer;
    const failure = await readOf(formation).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(says) });
    expect((failure as Failure).remedy).not.toBe('');
    expect(JSON.stringify([failure, (failure as Failure).message])).not.toContain('secret-token');
  });

  test('of a failure that passes is not final within the tick', async () => {
    let left = 2;
    cluster.intercept = () => ((left -= 1) >= 0 ? cluster.status(503, 'ServiceUnavailable') : 'pass');
    expect(await readOf(formation)).toMatchObject({ quantity: 3 });
    expect(clock.slept).toEqual([300, 1_000]);
  });

  test.each([
    { name: 'no replicas', json: { metadata: { resourceVersion: '1' }, status: { selector: 'a=b' } } },
    {
      name: 'half a replica',
      json: { metadata: { resourceVersion: '1' }, spec: { replicas: 1.5 }, status: { selector: 'a' } },
    },
    { name: 'no selector', json: { metadata: { resourceVersion: '1' }, spec: { replicas: 1 }, status: {} } },
    { name: 'no version', json: { metadata: {}, spec: { replicas: 1 }, status: { selector: 'a=b' } } },
    { name: 'a list', json: [] },
  ])('with $name is unknown, not zero', async ({ json }) => {
    cluster.intercept = () => ({ status: 200, header: () => undefined, json });
    await expect(readOf(formation)).rejects.toMatchObject({ code: 'KUBERNETES_REPLY' });
  });
});
