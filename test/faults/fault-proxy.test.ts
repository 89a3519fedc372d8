import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';

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

/** What a client that says something hears within so long, and how it ends. */
async function heard(ms = 60): Promise<{ readonly text: string; readonly ended: boolean }> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' });
  let text = '';
  let ended = false;
  socket.on('error', () => {}).on('close', () => (ended = true));
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.write('ping');
  await new Promise((resolve) => setTimeout(resolve, ms));
  const result = { text, ended };
  socket.destroy();
  return result;
}

const rows: { mode: NetworkMode; text: string | RegExp; ended: boolean }[] = [
  { mode: { kind: 'pass' }, text: 'hello', ended: false },
  { mode: { kind: 'delay', ms: 20 }, text: 'hello', ended: false },
  { mode: { kind: 'delay', ms: 500 }, text: '', ended: false },
  { mode: { kind: 'cut', afterBytes: 2 }, text: /^(he)?$/, ended: true },
  { mode: { kind: 'half-open' }, text: '', ended: false },
  { mode: { kind: 'refuse' }, text: '', ended: true },
  { mode: { kind: 'garbage' }, text: /HTTP\/9\.9/, ended: false },
  { mode: { kind: 'drip', everyMs: 25 }, text: /^hel?l?$/, ended: false },
];
test.each(rows)('$mode', async ({ mode, text, ended }) => {
  proxy.mode = mode;
  const seen = await heard();
  expect(seen.ended).toBe(ended);
  if (typeof text === 'string') expect(seen.text).toBe(text);
  else expect(seen.text).toMatch(text);
  proxy.mode = { kind: 'pass' };
  expect(await heard()).toEqual({ text: 'hello', ended: false });
});
