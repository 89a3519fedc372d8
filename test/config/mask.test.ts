import { describe, expect, test } from 'vitest';

import { maskUrl, scrubber } from '../../src/config/mask.ts';

const SECRET = 'pa"ss\\wo/rd&%é1';

describe('a secret is struck out of a text', () => {
  const once = JSON.stringify(SECRET).slice(1, -1);
  const basic = (user: string): string => Buffer.from(`${user}:${SECRET}`).toString('base64');
  test.each([
    { name: 'as it is', form: SECRET },
    { name: 'as JSON writes it', form: once },
    { name: 'as JSON inside JSON writes it', form: JSON.stringify(once).slice(1, -1) },
    { name: 'as JSON that escapes slashes writes it', form: once.replaceAll('/', String.raw`\/`) },
    { name: 'as JSON that is ASCII alone writes it', form: once.replaceAll('é', String.raw`\u00e9`) },
    { name: 'as a URL writes it', form: encodeURIComponent(SECRET) },
    { name: 'as a URL in small letters writes it', form: encodeURIComponent(SECRET).toLowerCase() },
    { name: 'as a URL writes only some of it', form: SECRET.replaceAll('/', '%2F').replaceAll('"', '%22') },
    { name: 'as HTML writes it', form: SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;') },
  ])('$name', ({ form }) => {
    expect(scrubber([SECRET])(`before ${form} after`)).toBe('before *** after');
  });

  test.each(['', 'u', 'us', 'use', 'user'])('in Basic authorization for the user "%s"', (user) => {
    const clean = scrubber([SECRET])(`Authorization: Basic ${basic(user)}`);
    const [, left = ''] = /Basic (.*)/.exec(clean) ?? [];
    expect(clean).toContain('***');
    // What is left is the user and a character or two at the edges.
    expect(Buffer.from(left.replaceAll('***', ''), 'base64').toString('latin1')).not.toContain('ss');
  });

  test('also in the alphabet of base64 that URLs use', () => {
    const odd = '??>>??>>secret';
    expect(scrubber([odd])(Buffer.from(odd).toString('base64url'))).toMatch(/^\*\*\*.{0,2}$/);
  });

  test('the longer of two secrets first, so that nothing of it is left', () => {
    expect(scrubber(['hunter2', 'hunter2-and-more'])('x hunter2-and-more y')).toBe('x *** y');
  });

  test('short secrets and ordinary words are left alone', () => {
    expect(scrubber(['abc', ''])('the abc of it')).toBe('the abc of it');
    expect(scrubber([])('all of it')).toBe('all of it');
  });
});

test.each([
  { name: 'a password', url: 'redis://u:hunter2@h:1/2', shown: '"redis://u:***@h:1/2"' },
  { name: 'a user without a password, which may be one', url: 'redis://hunter2@h', shown: '"redis://***@h"' },
  { name: 'what the query says', url: 'https://h/?key=hunter2', shown: '"https://h/?key=***"' },
])('a URL is shown without $name', ({ url, shown }) => {
  expect(maskUrl(url)).toBe(shown);
});
