import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { webhookNotifier } from '../../../src/adapters/notify/webhook.ts';
import type { Notice } from '../../../src/journal/alarm.ts';
import { failureOf } from '../../../src/failure.ts';
import { patience } from '../../support/patience.ts';

const SECRET = 'T0/B0/s3cret-path';
/** Instead of a status: 200 with a body that goes on as long as it is read. */
const ENDLESS = 0;
const MEGABYTE = 1024 * 1024;

function pour(response: ServerResponse): void {
  response.writeHead(200, { 'content-encoding': 'gzip' });
  const piece = Buffer.alloc(MEGABYTE);
  const more = (): void => {
    while (poured < 48 * MEGABYTE && !response.destroyed) {
      poured += piece.length;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

const notice: Notice = { kind: 'blind', processType: 'worker', at: 0, text: 'worker: <b> & so on.' };

let server: Server;
let base: string;
let statuses: number[] = [];
let poured = 0;
const encodings: (string | undefined)[] = [];
const posts: { path: string; body: unknown }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      posts.push({ path: request.url ?? '', body: JSON.parse(text) as unknown });
      encodings.push(request.headers['accept-encoding']);
      const status = statuses.shift() ?? 200;
      if (status === ENDLESS) pour(response);
      else response.writeHead(status, { 'retry-after': '0' }).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  posts.length = 0;
  statuses = [];
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const notify = async (path: string, notices: readonly Notice[] = [notice]): Promise<void> => {
  await webhookNotifier(`${base}/${path}`, 'my-app').notify(notices, patience());
};

test('a program gets JSON, with a text that chats display', async () => {
  await notify('hook');
  expect(posts[0]?.body).toEqual({
    text: 'Drover on my-app: worker: <b> & so on.',
    app: 'my-app',
    notices: [
      { kind: 'blind', processType: 'worker', at: '1970-01-01T00:00:00.000Z', text: 'worker: <b> & so on.' },
    ],
  });
});

test('Slack gets its own format, with markup escaped', async () => {
  await notify('services/slack', [notice, { ...notice, text: 'second' }]);
  expect(posts[0]?.body).toEqual({
    text: 'Drover on my-app: worker: &lt;b&gt; &amp; so on.\nDrover on my-app: second',
  });
});

test('a service that is restarting gets one retry', async () => {
  statuses = [503];
  await notify('hook');
  expect(posts).toHaveLength(2);
});

test.each([
  { name: 'an error', status: 404, path: SECRET },
  { name: 'a redirect', status: 302, path: SECRET },
])('the failure for $name contains no part of the URL', async ({ status, path }) => {
  statuses = [status, status];
  const failure = await notify(path).then(() => undefined, failureOf);
  expect(failure).toMatchObject({
    code: 'NOTIFY_FAILED',
    message: `failed to send a notification (status ${status})`,
  });
  // Neither followed nor retried.
  expect(posts).toHaveLength(1);
  expect(`${failure?.stack} ${JSON.stringify(failure)} ${String(failure?.cause)}`).not.toContain('s3cret');
});

test('a refused connection is a failure', async () => {
  await expect(
    webhookNotifier('http://127.0.0.1:1/x', 'my-app').notify([notice], patience()),
  ).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
});

test('the body of the response is not read', async () => {
  statuses = [ENDLESS];
  await notify('hook');
  expect(encodings.at(-1)).toBe('identity');
  // The sockets' buffers; a client that reads the body would have received all 48.
  expect(poured).toBeLessThan(24 * MEGABYTE);
});

test.each([
  {
    name: 'a mention of the whole channel',
    text: 'no queue called @channel',
    sent: 'no queue called @\u200Bchannel',
  },
  {
    name: 'a link to another site',
    text: 'no queue called [pay](https://example.test/x)',
    sent: 'no queue called [pay](https:\u200B//example.test/x)',
  },
  {
    name: 'a link that only starts like Heroku’s',
    text: 'https://status.heroku.com.example.test',
    sent: 'https:\u200B//status.heroku.com.example.test',
  },
  {
    name: 'a link to Heroku stays a link',
    text: 'see https://status.heroku.com; hold',
    sent: 'see https://status.heroku.com; hold',
  },
])('a text from Redis in a chat: $name', async ({ text, sent }) => {
  for (const path of ['hook', 'services/slack']) {
    posts.length = 0;
    await notify(path, [{ ...notice, text }]);
    expect(posts[0]?.body).toMatchObject({ text: `Drover on my-app: ${sent}` });
  }
});
