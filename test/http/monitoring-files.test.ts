import { HEROKU_PRICES } from '../../src/adapters/heroku/prices.ts';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { metricsText } from '../../src/http/metrics.ts';
import { nextStatus, type Status } from '../../src/journal/status.ts';
import { blindEntry, decidedEntry, entry, queueEntry, T0 } from '../support/entries.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const SUFFIX = /_(bucket|sum|count)$/;

/** Every metric, of a status in which each event has happened. */
async function served(): Promise<Set<string>> {
  const failure = { code: 'HEROKU_FORBIDDEN', message: 'no', remedy: 'yes' };
  const decided = decidedEntry({
    queues: [queueEntry({ ready: 5, waitMs: 100 })],
    result: 'resized',
    hold: { kind: 'paused', words: 'x' },
    failure,
  });
  const ticks = [entry(0, [decided]), entry(10, [blindEntry()])];
  const status = ticks.reduce(
    (before, tick) =>
      nextStatus(before, tick, { appName: 'my-app', timeZone: 'UTC', prices: HEROKU_PRICES }).status,
    undefined as Status | undefined,
  );
  const { text } = await metricsText(
    [{ status: status && { ...status, requestsLeft: 4000 }, paused: false, publishes: true }],
    T0,
  );
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
}

test.each(['grafana-dashboard.json', 'prometheus-alerts.yml', 'dashboard.md'])(
  '%s names only metrics that exist',
  async (file) => {
    const text = readFileSync(resolve(DOCS, file), 'utf8');
    const names = [...text.matchAll(/\bdrover_[a-z_]+\b/g)].map(([name]) => name.replace(SUFFIX, ''));
    const known = await served();
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  },
);

test('the manual names every metric', async () => {
  const manual = readFileSync(resolve(DOCS, 'dashboard.md'), 'utf8');
  expect([...(await served())].filter((name) => !manual.includes(`\`${name}\``))).toEqual([]);
});

test('the panels of the Grafana dashboard do not overlap', () => {
  const { panels } = JSON.parse(readFileSync(resolve(DOCS, 'grafana-dashboard.json'), 'utf8')) as {
    panels: { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  expect(panels.length).toBeGreaterThan(10);
  expect(new Set(cells).size).toBe(cells.length);
});
