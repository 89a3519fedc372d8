import { parseEnv } from 'node:util';

import { describe, expect, test } from 'vitest';

import { mergedEnv, withClock } from '../../src/cli/init/files.ts';
import { seenConcurrency } from '../../src/cli/init/proposal.ts';

describe('the lines of files', () => {
  test.each([
    { name: 'an empty file', text: '', values: { A: '1' }, merged: '# Drover\nA=1\n' },
    { name: 'the same value in quotes', text: 'A="1"\n', values: { A: '1' }, merged: undefined },
    { name: 'another value', text: 'B=0\nA=1 # why\nC=2', values: { A: '3' }, merged: 'B=0\nA=3\nC=2' },
    { name: 'a value set twice', text: 'A=1\nA=2\n', values: { A: '3' }, merged: 'A=1\nA=3\n' },
    {
      name: 'a comment with the name',
      text: '# A=1\n',
      values: { A: '2' },
      merged: '# A=1\n\n# Drover\nA=2\n',
    },
    {
      name: 'a value that needs quotes',
      text: '',
      values: { A: '0 8 * #$' },
      merged: "# Drover\nA='0 8 * #$'\n",
    },
  ])('.env with $name', ({ text, values, merged }) => {
    expect(mergedEnv(text, values)).toBe(merged);
    expect(parseEnv(mergedEnv(text, values) ?? text)).toMatchObject(values);
  });

  test.each([
    { text: '', merged: 'clock: drover run\n' },
    { text: 'clock: drover run\n', merged: undefined },
    { text: 'scaler: env A=1 npx drover run --dry-run', merged: undefined },
    { text: 'autoscale: node dist/main.js run', merged: undefined },
    { text: 'web: node overdrover.js', merged: 'web: node overdrover.js\nclock: drover run\n' },
  ])('Procfile with $text', ({ text, merged }) => {
    expect(withClock(text)).toBe(merged);
  });
});

describe('the concurrency of a dyno', () => {
  const job = (readyAt: number, startedAt: number, endedAt: number, retried = false) => ({
    queue: 'a',
    readyAt,
    startedAt,
    endedAt,
    retried,
  });
  const four = [job(0, 0, 9000), job(0, 0, 9000), job(0, 0, 9000), job(0, 0, 9000)];
  const idle = { running: 0, waiting: 0 };
  test.each([
    { name: 'jobs that ran while another waited', jobs: [...four, job(1000, 9000, 9900)], seen: 2 },
    { name: 'jobs beside which none waited', jobs: four, seen: undefined },
    {
      name: 'a wait that was the way to a free worker',
      jobs: [...four, job(8500, 9000, 9900)],
      seen: undefined,
    },
    { name: 'a wait before a second attempt', jobs: [...four, job(1000, 9000, 9900, true)], seen: undefined },
    { name: 'what runs and waits now', jobs: four, now: { running: 10, waiting: 1 }, seen: 5 },
    { name: 'what runs now, and nothing waits', jobs: [], now: { running: 10, waiting: 0 }, seen: undefined },
    { name: 'more dynos than jobs', jobs: [...four, job(1000, 9000, 9900)], dynos: 9, seen: undefined },
    { name: 'no dynos', jobs: [...four, job(1000, 9000, 9900)], dynos: 0, seen: undefined },
  ])('is seen from $name: $seen', ({ jobs, now = idle, dynos = 2, seen }) => {
    expect(seenConcurrency({ jobs, spanMs: 10_000 }, now, dynos)).toBe(seen);
  });
});
