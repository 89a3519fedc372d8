import { expect, test } from 'vitest';

import { parseRedisUrl } from '../../src/config/redis-url.ts';

test.each([
  { url: 'redis://h', target: { kind: 'single', nodes: [{ host: 'h', port: 6379 }], tls: false, db: 0 } },
  {
    url: 'rediss://u:p%40%3A@h:1/3',
    target: {
      kind: 'single',
      nodes: [{ host: 'h', port: 1 }],
      tls: true,
      db: 3,
      username: 'u',
      password: 'p@:',
    },
  },
  {
    url: 'redis://:50%@h',
    target: { kind: 'single', nodes: [{ host: 'h', port: 6379 }], tls: false, db: 0, password: '50%' },
  },
  {
    url: 'redis://:p@[::1]:7',
    target: { kind: 'single', nodes: [{ host: '::1', port: 7 }], tls: false, db: 0, password: 'p' },
  },
  {
    url: 'redis://s1?sentinel=main&nodes=s2,s3:9',
    target: {
      kind: 'sentinel',
      nodes: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_379 },
        { host: 's3', port: 9 },
      ],
      tls: false,
      db: 0,
      masterName: 'main',
    },
  },
  {
    url: 'redis://u:p@s1?sentinel=main&sentinelUsername=watch&sentinelPassword=p%26q%25',
    target: {
      kind: 'sentinel',
      nodes: [{ host: 's1', port: 26_379 }],
      tls: false,
      db: 0,
      username: 'u',
      password: 'p',
      masterName: 'main',
      sentinelUsername: 'watch',
      sentinelPassword: 'p&q%',
    },
  },
  {
    url: 'rediss://n1:1?cluster=true',
    target: { kind: 'cluster', nodes: [{ host: 'n1', port: 1 }], tls: true, db: 0 },
  },
])('$url', ({ url, target }) => {
  expect(parseRedisUrl(url)).toEqual(target);
});

test.each([
  '',
  'mail',
  'http://secret@h',
  'redis://',
  'redis://:secret@h/x',
  'redis://:secret@h?nodes=::',
  'redis://u:12/secret@h',
  'redis://u:12?secret@h',
  'redis://u:12#secret@h',
])('refused without a word of it: %s', (url) => {
  let message = '';
  try {
    parseRedisUrl(url);
  } catch (thrown) {
    message = thrown instanceof TypeError ? thrown.message : '';
  }
  expect(message).not.toBe('');
  expect(message).not.toContain('secret');
});
