import fc from 'fast-check';
import { expect, test } from 'vitest';

import { namePattern } from '../../../src/adapters/bullmq/name-pattern.ts';

/** The definition itself, by recursion: `*` stands for nothing, or for one character and then again for `*`. */
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
    name: 'the ends do not share characters',
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
])('$name', ({ pattern, matching, other }) => {
  const matches = namePattern(pattern);
  expect(matching.filter((name) => !matches(name))).toEqual([]);
  expect(other.filter(matches)).toEqual([]);
});

test('agrees with the definition for any pattern and name', () => {
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

test('takes no longer for names made to be searched again and again', () => {
  const matches = namePattern('*-*-*-*-*-*-*-*-jobs');
  const names = Array.from({ length: 50_000 }, (_, index) => `${'-'.repeat(506)}${index}`);
  // Backtracking takes hours over these; a scan takes milliseconds.
  expect(names.filter(matches)).toEqual([]);
});
