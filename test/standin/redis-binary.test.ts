import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { findRedisBinary, NoRedisError, redisRemedy } from '../../src/standin/redis-binary.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-redis-binary-'));
  vi.stubEnv('REDIS_SERVER_BINARY', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const find = (say?: (line: string) => void): ReturnType<typeof findRedisBinary> =>
  findRedisBinary(say, {
    path: folder,
    unpacked: join(folder, 'unpacked'),
    installer: join(folder, 'installer.mjs'),
  });

async function addServer(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '');
  await chmod(path, 0o755);
  return path;
}

test.each(['redis-server', 'valkey-server'])('%s is found on the PATH', async (name) => {
  const path = await addServer(name);
  expect((await find()).path).toBe(path);
});

test('REDIS_SERVER_BINARY wins', async () => {
  await addServer('redis-server');
  vi.stubEnv('REDIS_SERVER_BINARY', '/opt/redis-6/redis-server');
  expect((await find()).path).toBe('/opt/redis-6/redis-server');
});

test('outside of a checkout a missing server is an error with the remedy, and nothing is installed', async () => {
  const failure = await find().catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(NoRedisError);
  expect(failure).toMatchObject({ remedy: redisRemedy(process.platform), cause: undefined });
});

test('a checkout installs a missing server', async () => {
  const server = join(folder, 'redis-server');
  await writeFile(
    join(folder, 'installer.mjs'),
    `import { writeFileSync } from 'node:fs';
     export async function installRedis({ path, say }) {
       say('installing');
       writeFileSync(path + '/redis-server', '', { mode: 0o755 });
     }`,
  );
  const lines: string[] = [];
  expect((await find((line) => lines.push(line))).path).toBe(server);
  expect(lines).toEqual(['installing']);
});

test('a failed installation is an error with its cause', async () => {
  await writeFile(
    join(folder, 'installer.mjs'),
    `export const installRedis = async () => { throw new Error('no network'); };`,
  );
  const failure = await find().catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(NoRedisError);
  expect(failure).toMatchObject({ cause: { message: 'no network' } });
});

test.each([
  { platform: 'darwin', command: 'brew install redis' },
  { platform: 'linux', command: 'sudo apt-get install -y redis-server' },
  { platform: 'win32', command: 'wsl --install' },
] as const)('the remedy on $platform is $command', ({ platform, command }) => {
  expect(redisRemedy(platform)).toContain(`\`${command}\``);
});
