import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { T0 } from '../support/entries.ts';
import { Site, TOKEN } from '../support/site.ts';

/*
 * A wrong token counts against the client that sent it, by form or by header, and no client can lock the operator out.
 */

const PER_ADDRESS = 20;
const PER_MINUTE = 200;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let site: Site;

beforeEach(async () => {
  site = await new Site(T0).start({ token: TOKEN, herokuRouter: true });
});
afterEach(async () => {
  await site.stop();
});

/** Headers as Heroku's router forwards them: it appends its peer's address to what the client sent. */
const from = (address: string): Record<string, string> => ({
  'x-forwarded-for': `10.9.9.9, ${address}`,
  'x-forwarded-proto': 'https',
});

async function bearer(address: string, token: string): Promise<number> {
  const answer = await site.get('/status', { ...from(address), authorization: `Bearer ${token}` });
  await answer.arrayBuffer();
  return answer.status;
}

async function form(address: string, token: string): Promise<Response> {
  const headers = { ...FORM, ...from(address), origin: site.url, 'sec-fetch-site': 'same-origin' };
  return await site.post('/login', `token=${encodeURIComponent(token)}`, headers);
}

async function sendWrong(address: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) await bearer(address, `wrong-${i}`);
}

const EVIL = '203.0.113.7';
const OPERATOR = '198.51.100.20';

describe('wrong tokens', () => {
  test('after twenty in Authorization from one address, that address is refused for a minute, even with the right token', async () => {
    for (let i = 0; i < PER_ADDRESS; i += 1) expect(await bearer(EVIL, `wrong-${i}`)).toBe(401);
    const refused = await site.get('/status', { ...from(EVIL), authorization: `Bearer ${TOKEN}` });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    site.at += 60_000;
    expect(await bearer(EVIL, TOKEN)).toBe(200);
  });

  test('in the form and in Authorization count together', async () => {
    await sendWrong(EVIL, PER_ADDRESS - 1);
    expect((await form(EVIL, 'wrong')).headers.get('location')).toBe('/login?wrong');
    expect((await form(EVIL, TOKEN)).headers.get('location')).toBe('/login?throttled');
    expect(await bearer(EVIL, TOKEN)).toBe(429);
  });

  test('of one client do not lock the operator out, by form or by header', async () => {
    for (let i = 0; i < 3 * PER_ADDRESS; i += 1) await form(EVIL, 'wrong');
    expect((await form(OPERATOR, TOKEN)).headers.get('location')).toBe('/');
    expect(await bearer(OPERATOR, TOKEN)).toBe(200);
  });

  test('of many clients block unknown addresses, but neither a session nor an address that has signed in', async () => {
    const [cookie = ''] = (await form('192.0.2.1', TOKEN)).headers.getSetCookie();
    expect(await bearer(OPERATOR, TOKEN)).toBe(200);
    for (let i = 0; i < PER_MINUTE; i += 1) await bearer(`203.0.113.${i % 100}`, 'wrong');
    expect(await bearer('192.0.2.99', TOKEN)).toBe(429);
    expect(await bearer(OPERATOR, TOKEN)).toBe(200);
    const session = { ...from('192.0.2.98'), cookie: cookie.split(';')[0] ?? '' };
    expect((await site.get('/status', session)).status).toBe(200);
    site.at += 60_000;
    expect(await bearer('192.0.2.99', TOKEN)).toBe(200);
  });

  test('with a different X-Forwarded-For each time count for one client: only the last entry counts', async () => {
    for (let i = 0; i < PER_ADDRESS; i += 1) {
      await site.get('/status', {
        'x-forwarded-for': `192.0.2.${i}, ${EVIL}`,
        'x-forwarded-proto': 'https',
        authorization: 'Bearer wrong',
      });
    }
    expect(await bearer(EVIL, TOKEN)).toBe(429);
    expect(await bearer(OPERATOR, TOKEN)).toBe(200);
  });

  test('from addresses of one IPv6 network count for one client', async () => {
    for (let i = 0; i < PER_ADDRESS; i += 1) await bearer(`2001:db8:0:1::${i.toString(16)}`, 'wrong');
    expect(await bearer('2001:db8::1:ffff:0:0:1', TOKEN)).toBe(429);
    expect(await bearer('2001:db8:0:2::1', TOKEN)).toBe(200);
  });

  test('outside Heroku count by the socket address: there a client can forge the header', async () => {
    await site.stop();
    site = await new Site(T0).start();
    for (let i = 0; i < PER_ADDRESS; i += 1) await bearer(`203.0.113.${i}`, 'wrong');
    expect(await bearer(OPERATOR, TOKEN)).toBe(429);
  });

  test('are not counted for a request without a token, with another scheme or with a forged session', async () => {
    for (let i = 0; i < PER_ADDRESS + 1; i += 1) {
      await site.get('/status', from(EVIL));
      await site.get('/status', { ...from(EVIL), authorization: 'Basic eDp5' });
      await site.get('/status', { ...from(EVIL), cookie: '__Host-drover_session=9999999999999.x' });
    }
    expect(await bearer(EVIL, TOKEN)).toBe(200);
    expect(site.authFailures).toEqual([]);
  });

  test('a clock that is set back does not prolong a refusal', async () => {
    await sendWrong(EVIL, PER_ADDRESS);
    site.at -= 3_600_000;
    expect(await bearer(EVIL, TOKEN)).toBe(200);
  });

  test('are logged in a few lines a minute, however many there are, and without the token that was sent', async () => {
    await sendWrong(EVIL, 3 * PER_ADDRESS);
    for (let i = 0; i < PER_MINUTE; i += 1) await bearer(`192.0.2.${i}`, `wrong-${i}`);
    expect(site.authFailures).toEqual([
      { address: EVIL, message: `wrong dashboard token from ${EVIL}` },
      { address: EVIL, message: `20 wrong dashboard tokens from ${EVIL}: refusing it until the minute ends` },
      {
        address: '192.0.2.179',
        message:
          '200 wrong dashboard tokens within a minute: refusing addresses that never sent the right one until the minute ends',
      },
    ]);
    site.at += 60_000;
    await sendWrong(EVIL, 1);
    expect(site.authFailures.at(-1)).toEqual({
      address: EVIL,
      message: `wrong dashboard token from ${EVIL}`,
    });
    expect(JSON.stringify(site.authFailures)).not.toContain('wrong-');
  });
});
