import { describe, expect, test } from 'vitest';

import { parseDrainRequest, parseReport } from '../../src/worker/keys.ts';

const LAST_INSTANT = 8.64e15;
const LONG = 'x'.repeat(256);

const REPORT = {
  dyno: 'worker.3',
  host: 'h1',
  resting: 'e1',
  concurrency: 5,
  bootedAt: 1000,
  readyAt: 2000,
  sentAt: 3000,
};
const ORDER = { epoch: 'e1', limit: 3, since: 1000, forMs: 20_000 };

describe('a report', () => {
  const read = (fields: Record<string, unknown>, at: unknown = 5) =>
    parseReport(`${String(at)} ${JSON.stringify({ ...REPORT, ...fields })}`);

  test.each([
    { name: 'as a worker writes it', fields: {} },
    { name: 'the least', fields: { concurrency: 1, bootedAt: 0, readyAt: 0, sentAt: 0 } },
    {
      name: 'the most',
      fields: { concurrency: 100_000, bootedAt: LAST_INSTANT, readyAt: LAST_INSTANT, sentAt: LAST_INSTANT },
    },
    {
      name: 'of a process that works and was not answered yet',
      fields: { resting: undefined, readyAt: undefined, host: undefined, sentAt: undefined },
    },
  ])('is read: $name', ({ fields }) => {
    expect(read(fields)).toEqual({ at: 5, report: { ...REPORT, ...fields } });
  });

  test.each<{ name: string; fields?: Record<string, unknown>; at?: unknown }>([
    { name: 'no job at once', fields: { concurrency: 0 } },
    { name: 'more jobs at once than any process runs', fields: { concurrency: 100_001 } },
    { name: 'half a job', fields: { concurrency: 1.5 } },
    { name: 'a boot after the end of time', fields: { bootedAt: LAST_INSTANT + 2 } },
    { name: 'a boot before 1970', fields: { bootedAt: -1 } },
    { name: 'ready after the end of time', fields: { readyAt: 9e15 } },
    { name: 'sent after the end of time', fields: { sentAt: 9e15 } },
    { name: 'received after the end of time', at: 9e15 },
    { name: 'received at no time', at: 'soon' },
    { name: 'no dyno', fields: { dyno: '' } },
    { name: 'a dyno of a long name', fields: { dyno: LONG } },
    { name: 'a host of a long name', fields: { host: LONG } },
    { name: 'an epoch of a long name', fields: { resting: LONG } },
    { name: 'a number for a host', fields: { host: 3 } },
    { name: 'a long text', fields: { more: 'x'.repeat(4096) } },
  ])('is passed over: $name', ({ fields = {}, at }) => {
    expect(read(fields, at)).toBeUndefined();
  });
});

describe('a drain request', () => {
  const read = (fields: Record<string, unknown>) =>
    parseDrainRequest(JSON.stringify({ ...ORDER, ...fields }));

  test.each([
    { name: 'as the clock writes it', fields: {} },
    { name: 'the least', fields: { limit: 0, since: 0, forMs: 0 } },
    { name: 'the most', fields: { limit: 100_000, since: LAST_INSTANT, forMs: 2 ** 31 - 1 } },
  ])('is read: $name', ({ fields }) => {
    expect(read(fields)).toEqual({ ...ORDER, ...fields });
  });

  test.each([
    { name: 'a limit below zero', fields: { limit: -1 } },
    { name: 'a limit above any formation', fields: { limit: 100_001 } },
    { name: 'since after the end of time', fields: { since: 9e15 } },
    { name: 'for longer than a timer runs', fields: { forMs: 2 ** 31 } },
    { name: 'no epoch', fields: { epoch: '' } },
    { name: 'an epoch of a long name', fields: { epoch: LONG } },
    { name: 'a long text', fields: { more: 'x'.repeat(4096) } },
  ])('asks nothing: $name', ({ fields }) => {
    expect(read(fields)).toBeUndefined();
  });
});
