import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { startDemoApp } from '../../src/standin/demo-app.ts';
import { startDemoPods } from '../../src/standin/demo-kubernetes.ts';
import { isAlive } from '../support/processes.ts';

/** A server of a version that BullMQ refuses. */
const OLD_REDIS = `#!${process.execPath}
const info = 'redis_version:4.0.14';
const replies = { hello: '%1\\r\\n+version\\r\\n+4.0.14\\r\\n', info: '$' + info.length + '\\r\\n' + info + '\\r\\n' };
require('node:fs').writeFileSync(__filename + '.pid', String(process.pid));
require('node:net').createServer((socket) => {
  socket.on('data', (data) => {
    for (const [, command] of String(data).matchAll(/\\*\\d+\\r\\n\\$\\d+\\r\\n(\\w+)/g))
      socket.write(replies[command.toLowerCase()] ?? '+OK\\r\\n');
  });
}).listen(Number(process.argv[process.argv.indexOf('--port') + 1]), '127.0.0.1');
`;

test('a demo app that cannot start leaves no process, server or connection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-demo-app-'));
  const server = join(folder, 'redis-server.cjs');
  await writeFile(server, OLD_REDIS);
  await chmod(server, 0o755);
  vi.stubEnv('REDIS_SERVER_BINARY', server);
  const before = openHandles();
  let pid = 0;
  try {
    await expect(startDemoApp({ platform: 'heroku', concurrency: 1, max: 2 }, () => {})).rejects.toThrow(
      'Current: 4.0.14',
    );
    pid = Number(await readFile(`${server}.pid`, 'utf8'));
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
    await expect.poll(openHandles).toEqual(before);
  } finally {
    if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL');
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  }
});

test('demo pods without a place for their kubeconfig leave no process and no server', async () => {
  const before = openHandles();
  vi.stubEnv('TMPDIR', '/nowhere');
  try {
    await expect(startDemoPods(() => spawn('true'))).rejects.toThrow('/nowhere');
    await expect.poll(openHandles).toEqual(before);
  } finally {
    vi.unstubAllEnvs();
  }
});

/** What would keep this process running. */
function openHandles(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^(Process|TCPServer|TCPSocket)Wrap$/.test(kind));
}
