import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { table } from '../../src/cli/views/table.ts';

describe('a table of 80 columns', () => {
  test('counts the columns of wide characters', () => {
    const lines = table([
      ['メール', '12', ''],
      ['mail', '7', ''],
    ]);
    expect(lines).toEqual(['メール  12', 'mail     7']);
  });

  test('shortens a wide name to the columns it has', () => {
    const [line = ''] = table([['列'.repeat(60), '1'.repeat(40), 'x']]);
    expect(line).toBe(`${'列'.repeat(9)}…${'列'.repeat(8)}  ${'1'.repeat(40)}  x`);
  });

  test('aligns names and remarks left, numbers right', () => {
    const lines = table([
      ['queue', 'waiting', ''],
      ['mail', '1,240', 'paused'],
      ['hooks', '7', ''],
    ]);
    expect(lines).toEqual(['queue  waiting', 'mail     1,240  paused', 'hooks        7']);
  });

  test('shortens a long name in the middle', () => {
    const [line = ''] = table([['shop:production:newsletter:outbound:high-priority', '1'.repeat(40), 'x']]);
    expect(line).toBe(`shop:production:n…und:high-priority  ${'1'.repeat(40)}  x`);
  });

  test('remarks wrap in their column', () => {
    const words = 'a remark that has so much to say that it needs a second line for it';
    const lines = table([['mail', '1'.repeat(20), words]]);
    expect(lines).toEqual([
      `mail  ${'1'.repeat(20)}  a remark that has so much to say that it needs a`,
      `${' '.repeat(28)}second line for it`,
    ]);
  });

  test('no line is longer than 80 columns', () => {
    const cell = fc.stringMatching(/^[a-z:-]{0,200}$/);
    const row = fc.tuple(cell, fc.nat().map(String), fc.nat().map(String), fc.constantFrom('', 'paused now'));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        for (const line of table(rows)) expect(line.length).toBeLessThanOrEqual(80);
      }),
    );
  });
});
