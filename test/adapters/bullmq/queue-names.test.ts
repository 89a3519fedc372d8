import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { cleanText, namePattern, nearMisses } from '../../../src/adapters/bullmq/queue-names.ts';

/** The definition by recursion: `*` stands for nothing, or for one character followed by `*`. */
function reference(pattern: string, name: string): boolean {
  if (pattern === '') return name === '';
  const [first, rest] = [pattern.charAt(0), pattern.slice(1)];
  if (first !== '*') return name.startsWith(first) && reference(rest, name.slice(1));
  return reference(rest, name) || (name !== '' && reference(pattern, name.slice(1)));
}

test.each([
  { name: 'a star alone matches everything', pattern: '*', matching: ['', 'mail', 'a\nb'], other: [] },
  {
    name: 'a name without a star matches itself',
    pattern: 'mail',
    matching: ['mail'],
    other: ['mail2', 'email'],
  },
  { name: 'the ends are anchored', pattern: 'a*b', matching: ['ab', 'axb'], other: ['abx', 'xab', 'a', 'b'] },
  {
    name: 'the ends do not overlap',
    pattern: 'aba*ba',
    matching: ['ababa', 'abaxba'],
    other: ['aba', 'abba'],
  },
  { name: 'middle parts come in order', pattern: '*a*b*', matching: ['ab', 'xaxbx'], other: ['ba', 'b'] },
  {
    name: 'a middle part ends before the last begins',
    pattern: '*ab*b',
    matching: ['abb', 'xabxb'],
    other: ['ab'],
  },
  {
    name: 'other special characters are literal',
    pattern: 'a.b[c]?*',
    matching: ['a.b[c]?x'],
    other: ['aXb[c]?', 'a.bcd'],
  },
])('a pattern: $name', ({ pattern, matching, other }) => {
  const matches = namePattern(pattern);
  expect(matching.filter((name) => !matches(name))).toEqual([]);
  expect(other.filter(matches)).toEqual([]);
});

test('a pattern agrees with the definition, whatever the pattern and the name', () => {
  // Few letters, so that parts often occur and often overlap.
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(pattern, name, (wanted, candidate) => {
      expect(namePattern(wanted)(candidate)).toBe(reference(wanted, candidate));
    }),
    { numRuns: 5000 },
  );
});

test('names chosen to force backtracking do not slow a pattern down', () => {
  const matches = namePattern('*-*-*-*-*-*-*-*-jobs');
  const names = Array.from({ length: 50_000 }, (_, index) => `${'-'.repeat(506)}${index}`);
  // Backtracking takes hours over these; a scan takes milliseconds.
  expect(names.filter(matches)).toEqual([]);
});

test.each([
  { name: 'a missing letter', wanted: 'newsleter', existing: ['newsletter', 'sms'], near: ['newsletter'] },
  { name: 'two letters swapped', wanted: 'mial', existing: ['mail'], near: ['mail'] },
  {
    name: 'another separator and another case',
    wanted: 'Send-Mail',
    existing: ['send_mail'],
    near: ['send_mail'],
  },
  { name: 'a part of the name', wanted: 'mail', existing: ['app-mail-queue'], near: ['app-mail-queue'] },
  { name: 'no similar name', wanted: 'invoices', existing: ['mail', 'sms'], near: [] },
  {
    name: 'the closest three first',
    wanted: 'q1',
    existing: ['q4', 'q2', 'q3', 'q5', 'other'],
    near: ['q2', 'q3', 'q4'],
  },
  { name: 'no queue at all', wanted: 'mail', existing: [], near: [] },
])('near misses: $name', ({ wanted, existing, near }) => {
  expect(nearMisses(wanted, existing)).toEqual(near);
});

test.each([
  { name: 'a plain name', text: 'mail-größe_1', clean: 'mail-größe_1' },
  { name: 'a terminal’s escape', text: 'a\u001b[2Jb', clean: String.raw`a\u001b[2Jb` },
  { name: 'a line break', text: 'a\nb\r', clean: String.raw`a\u000ab\u000d` },
  { name: 'a direction override', text: 'a\u202eb', clean: String.raw`a\u202eb` },
  { name: 'half a surrogate pair', text: 'a\ud800', clean: String.raw`a\ud800` },
  { name: 'a million letters', text: 'x'.repeat(1_000_000), clean: `${'x'.repeat(199)}…` },
])('cleanText makes $name safe to print', ({ text, clean }) => {
  expect(cleanText(text)).toBe(clean);
});
