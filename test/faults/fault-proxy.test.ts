import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { startFaultProxy, type FaultProxy, type NetworkMode } from '../support/faults/fault-proxy.ts';

let server: Server;
let proxy: FaultProxy;

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}).on('data', () => socket.write('hello')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startFaultProxy((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.stop();
  server.close();
});

type Heard = { text: string; ended: boolean };

/** What a client that says something hears, until it is what is expected or nothing more can come of it. */
async function hear(done: (heard: Heard) => boolean): Promise<Heard> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  const heard = { text: '', ended: false };
  socket.on('error', () => {}).on('close', () => (heard.ended = true));
  socket.setEncoding('latin1').on('data', (chunk: string) => (heard.text += chunk));
  socket.write('ping');
  for (let ms = 0; ms < 3000 && !done(heard); ms += 5) await sleep(5);
  const result = { ...heard };
  socket.destroy();
  return result;
}

const rows: { mode: NetworkMode; done: (heard: Heard) => boolean }[] = [
  { mode: { kind: 'pass' }, done: ({ text, ended }) => text === 'hello' && !ended },
  { mode: { kind: 'delay', ms: 50 }, done: ({ text, ended }) => text === 'hello' && !ended },
  { mode: { kind: 'cut', afterBytes: 2 }, done: ({ text, ended }) => text.length <= 2 && ended },
  { mode: { kind: 'refuse' }, done: ({ text, ended }) => text === '' && ended },
  { mode: { kind: 'garbage' }, done: ({ text }) => text.includes('HTTP/9.9') },
  { mode: { kind: 'drip', everyMs: 100 }, done: ({ text }) => text === 'he' },
];
test.each(rows)('$mode, and passes again after it', async ({ mode, done }) => {
  proxy.mode = mode;
  expect(await hear(done)).toSatisfy(done);
  proxy.mode = { kind: 'pass' };
  expect(await hear(({ text }) => text === 'hello')).toEqual({ text: 'hello', ended: false });
});

test('half-open: nothing is answered, and nothing ends', async () => {
  proxy.mode = { kind: 'half-open' };
  let passed = false;
  const waited = sleep(80).then(() => (passed = true));
  expect(await hear(({ text, ended }) => text !== '' || ended || passed)).toEqual({ text: '', ended: false });
  await waited;
});
