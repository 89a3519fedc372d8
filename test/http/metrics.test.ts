import { HEROKU_PRICES } from '../../src/adapters/heroku/prices.ts';
import { expect, test } from 'vitest';

import { metricsText } from '../../src/http/metrics.ts';
import { nextStatus, type Status } from '../../src/journal/status.ts';
import { blindEntry, decidedEntry, entry, queueEntry, T0 } from '../support/entries.ts';

function statusOf(...entries: Parameters<typeof nextStatus>[1][]): Status | undefined {
  let status: Status | undefined;
  for (const next of entries)
    ({ status } = nextStatus(status, next, { appName: 'my-app', timeZone: 'UTC', prices: HEROKU_PRICES }));
  return status;
}

test('names, units and labels follow the conventions of Prometheus', async () => {
  const queues = [
    queueEntry({ name: 'a"b\\c\n', ready: 7, active: 2, added: 5, waitMs: 1500, paused: true }),
  ];
  const busy = decidedEntry({ from: 2, to: 5, quantity: 5, result: 'resized', queues });
  const held = decidedEntry({ quantity: 5, queues, hold: { kind: 'paused', words: 'x' } });
  const status = statusOf(entry(0, [busy]), entry(10, [held]), entry(20, [blindEntry()]));
  const { text, type } = await metricsText(
    [{ status: status && { ...status, requestsLeft: 4000 }, paused: true }],
    T0 + 21_000,
  );
  expect(type).toContain('text/plain');
  const lines = text.split('\n');
  for (const line of [
    'drover_up 1',
    'drover_paused 1',
    'drover_dynos{process_type="worker"} 5',
    'drover_jobs_ready{process_type="worker"} 7',
    'drover_oldest_job_wait_seconds{process_type="worker"} 1.5',
    'drover_queue_jobs_ready{process_type="worker",queue="a\\"b\\\\c\\n"} 7',
    'drover_queue_paused{process_type="worker",queue="a\\"b\\\\c\\n"} 1',
    'drover_ticks_total{outcome="decided"} 2',
    'drover_ticks_total{outcome="blind"} 1',
    'drover_changes_total{process_type="worker",direction="up"} 1',
    'drover_holds_total{process_type="worker",reason="paused"} 1',
    'drover_failures_total{process_type="worker",code="REDIS_UNREACHABLE"} 1',
    'drover_decisions_total{process_type="worker",bound_by="sizing"} 2',
    'drover_heroku_requests_remaining 4000',
    'drover_tick_duration_seconds_bucket{le="0.025"} 0',
    'drover_tick_duration_seconds_bucket{le="0.05"} 3',
    'drover_tick_duration_seconds_bucket{le="+Inf"} 3',
    'drover_tick_duration_seconds_sum 0.12',
    'drover_tick_duration_seconds_count 3',
  ])
    expect(lines).toContain(line);
  for (const [, name = '', kind] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    expect(name).toMatch(/^drover_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
  }
});

test("help texts call workers by the platform's noun, names stay", async () => {
  const status = statusOf(entry(0));
  const { text } = await metricsText([{ status: status && { ...status, noun: 'pod' }, paused: false }], T0);
  expect(text).toContain('# HELP drover_dynos Current number of pods.');
  expect(text).not.toMatch(/^# HELP \S+ .*dyno/m);
  expect((await metricsText([{ status, paused: false }], T0)).text).toContain(
    '# HELP drover_dynos Current number of dynos.',
  );
});

test('an entry that does not say what is needed leaves the figure out', async () => {
  const limited = decidedEntry({ needed: undefined });
  const { text } = await metricsText([{ status: statusOf(entry(0, [limited])), paused: false }], T0);
  expect(text).toContain('drover_dynos_wanted{process_type="worker"} 2');
  expect(text).not.toContain('drover_dynos_needed{');
});

test('without a status drover_up is 0 and there are no other series', async () => {
  const { text } = await metricsText([{ status: undefined, paused: false }], T0);
  expect(text).toContain('drover_up 0');
  expect(text).not.toContain('drover_dynos');
});

test('unknown figures are left out', async () => {
  const { text } = await metricsText([{ status: statusOf(entry(0, [blindEntry()])), paused: false }], T0);
  expect(text).toContain('drover_blind_ticks{process_type="worker"} 1');
  expect(text).not.toMatch(/drover_(dynos|jobs_ready|cost_today_dollars)\{/);
});

test('queues beyond the first 50 have no series', async () => {
  const types = ['a', 'b'].map((processType) =>
    decidedEntry({
      processType,
      queues: Array.from({ length: 40 }, (_, index) => queueEntry({ name: `${processType}${index}` })),
    }),
  );
  const { text } = await metricsText([{ status: statusOf(entry(0, types)), paused: false }], T0);
  expect(text.match(/^drover_queue_jobs_ready\{/gm)).toHaveLength(50);
});

test('several apps share the heading of each metric, by the label app; one that cannot be read is down', async () => {
  const status = statusOf(entry(0, [decidedEntry({})]));
  const states = [
    { app: 'shop', status, paused: true },
    { app: 'blog', status: undefined, paused: undefined },
  ];
  const { text } = await metricsText(states, T0);
  expect(text.match(/^# TYPE drover_up gauge$/gm)).toHaveLength(1);
  expect(text.match(/^drover_(up|paused|tick_duration_seconds_count|dynos)\{.*$/gm)).toEqual([
    'drover_up{app="shop"} 1',
    'drover_up{app="blog"} 0',
    'drover_paused{app="shop"} 1',
    'drover_tick_duration_seconds_count{app="shop"} 1',
    expect.stringMatching(/^drover_dynos\{process_type="worker",app="shop"\} \d+$/),
  ]);
});
