import { expect, test } from 'vitest';

import { checkClock } from '../../src/cli/checks/clock.ts';
import { checkSettings } from '../../src/cli/checks/settings.ts';
import { checkSizing } from '../../src/cli/checks/sizing.ts';
import { checkWords } from '../../src/cli/checks/words.ts';
import { checkWorkers } from '../../src/cli/checks/workers.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { Remembered } from '../../src/ports.ts';
import { backlog, processType, queue } from '../support/ports.ts';

const ENV = {
  PLATFORM: 'kubernetes',
  KUBERNETES_TARGET: 'statefulset/worker',
  KUBERNETES_NAMESPACE: 'prod',
  KUBECONFIG: '/kubeconfig',
  REDIS_URL: 'redis://localhost',
  QUEUES: 'mail',
  DRY_RUN: 'true',
};
const HOUR_MS = 3_600_000;

test('on Kubernetes, checks speak of pods and name kubectl', () => {
  const loaded = loadSettings(ENV);
  if (loaded.kind === 'wrong') throw new Error(JSON.stringify(loaded.problems));
  const { settings } = loaded;
  const words = checkWords(settings.access);
  const type = processType({ maxWaitMs: 10_000, maxStepUp: 1, drainTimeoutMs: 0, scaleDownDelayMs: 0 });
  const types = [
    { holders: new Map<string | null, number>([[null, 2]]), connected: [] },
    { holders: new Map<string | null, number>(), connected: [{ queue: 'mail' }, { queue: 'other' }] },
    { holders: new Map<string | null, number>(), connected: [{ queue: 'mail', name: 'x' }] },
  ].flatMap(({ holders, connected }) =>
    checkWorkers(
      { connected, quantities: new Map([['worker', 2]]), reportingElsewhere: [] },
      [
        {
          settings: { ...type, concurrency: undefined },
          backlog: backlog({ queues: [queue()], holders }),
          reading: { reports: [] },
          learnedConcurrency: undefined,
        },
      ],
      words,
    ),
  );
  const remembered = new Map([['worker', { scaling: { manual: { since: 0 } } } as unknown as Remembered]]);
  const clock = { holder: undefined, status: undefined, entries: [], pause: undefined, remembered };
  const checks = [
    ...checkSettings(settings, ENV, { longestMs: HOUR_MS, shortestMs: 10_000 }, words),
    ...checkSizing(type, { tickMs: 10_000, bootMs: 30_000 }, words),
    ...checkClock(clock, ['worker'], 0, words),
    ...types,
  ];
  expect(checks.length).toBeGreaterThan(10);
  const text = JSON.stringify(checks);
  expect(text).not.toMatch(/dyno|heroku/i);
  expect(text).toContain('kubectl -n prod set env deployment/drover DRY_RUN-');
  expect(text).toContain('kubectl -n prod scale statefulset/worker --replicas=1');
  expect(text).toContain('kubectl -n prod logs statefulset/worker');
  expect(text).toContain('name: process.env.HOSTNAME');
});
