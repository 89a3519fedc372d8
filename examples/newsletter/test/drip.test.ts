import { setTimeout as delay } from 'node:timers/promises';

import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';

import { drip, RanDry } from '../src/reports/drip.ts';
import { csvLines, headerLine } from '../src/reports/lines.ts';

const ROW = {
  id: 1,
  subscriber: 2,
  email: 'ada@example.com',
  attempts: 1,
  deliveredAt: '2026-01-01T00:00:00.000Z',
};

describe('a report that is never silent', () => {
  /** A number: nothing more comes until so many further parts have gone out. */
  const cases: readonly { readonly name: string; readonly texts: readonly (string | number)[] }[] = [
    { name: 'nothing but a header', texts: ['a,b\n'] },
    { name: 'rows at once', texts: ['a,b\n', '1,2\n3,4\n', '5,6\n'] },
    { name: 'a wait before the first row', texts: ['alpha,beta\n', 4, '1,2\n'] },
    { name: 'a wait between rows', texts: ['a,b\n', 'one,two\nthree,four\n', 4, '5,6\n', 1, '7,8\n'] },
    { name: 'letters that are two code units each', texts: ['😀😀😀😀😀😀😀\n', 3, '1\n'] },
    { name: 'a text with no line end', texts: ['abc', '\nd\n'] },
  ];
  test.each(cases)('says what it was given and nothing else: $name', async ({ texts }) => {
    const parts: string[] = [];
    async function* source(): AsyncGenerator<string> {
      for (const text of texts) {
        if (typeof text === 'string') yield text;
        else for (const until = parts.length + text; parts.length < until;) await delay(1);
      }
    }
    for await (const part of drip(source(), 5)) parts.push(part);
    expect(parts.join('')).toBe(texts.filter((text) => typeof text === 'string').join(''));
    expect(parts.filter((part) => part === '' || /^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/.test(part))).toEqual([]);
  });

  test('fails rather than fall silent, and keeps the end of the line to itself', async () => {
    async function* source(): AsyncGenerator<string> {
      yield 'ab\n';
      await delay(10_000, null, { ref: false });
    }
    const said: string[] = [];
    const dripping = (async () => {
      for await (const text of drip(source(), 5)) said.push(text);
    })();
    await expect(dripping).rejects.toBeInstanceOf(RanDry);
    expect(said.join('')).toBe('ab');
  });
});

describe('lines', () => {
  test('come back from a CSV reader as they were', () => {
    const rows = [ROW, { ...ROW, id: 2, email: 'a "quoted", one\nwith lines@example.com' }];
    const read = parse(headerLine() + csvLines(rows), { columns: true });
    expect(read).toEqual(
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([k, v]) => [k, String(v)]))),
    );
  });

  test('hold no formula for a spreadsheet', () => {
    expect(csvLines([{ ...ROW, email: '=cmd()@example.com' }])).toContain("'=cmd()");
  });
});
