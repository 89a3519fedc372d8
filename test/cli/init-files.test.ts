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

test('the concurrency of a dyno is seen from jobs that ran at the same time', () => {
  const job = (startedAt: number, endedAt: number) => ({
    queue: 'a',
    readyAt: 0,
    retried: false,
    startedAt,
    endedAt,
  });
  const jobs = [job(0, 10), job(0, 10), job(5, 10), job(9, 12), job(10, 12), job(10, 12)];
  expect(seenConcurrency({ jobs, spanMs: 1 }, 0, 2)).toBe(2);
  expect(seenConcurrency({ jobs, spanMs: 1 }, 10, 2)).toBe(5);
  expect(seenConcurrency({ jobs, spanMs: 1 }, 0, 9)).toBeUndefined();
  expect(seenConcurrency({ jobs, spanMs: 1 }, 0, 0)).toBeUndefined();
  expect(seenConcurrency({ jobs: [], spanMs: 1 }, 0, 2)).toBeUndefined();
});
