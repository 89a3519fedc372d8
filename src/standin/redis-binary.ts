import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where systems keep their programs, for a PATH that names little more than Node. */
const SYSTEM_FOLDERS: readonly string[] = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/homebrew/bin',
];

/** A server program and the environment it needs. */
export type RedisBinary = { readonly path: string; readonly env: NodeJS.ProcessEnv };

/** Somebody has to install a Redis by hand. */
export class NoRedisError extends Error {}

/**
 * Finds `redis-server` or `valkey-server` on this machine, else installs it from the system's packages: no npm package
 * ships one. REDIS_SERVER_BINARY names another one, so that tests can run on any version. `say` gets the one line that
 * tells so. Throws a NoRedisError where that is not possible.
 */
export async function findRedisBinary(say: (line: string) => void): Promise<RedisBinary> {
  const named = process.env['REDIS_SERVER_BINARY'];
  if (named !== undefined) return { path: named, env: process.env };
  const found = await onPath(['redis-server', 'valkey-server']);
  if (found !== undefined) return { path: found, env: process.env };
  const unpacked = await unpackedBinary();
  if (unpacked !== undefined) return unpacked;
  try {
    return await install(say);
  } catch (cause) {
    throw new NoRedisError('there is no redis-server or valkey-server here, and none could be installed', {
      cause,
    });
  }
}

async function install(say: (line: string) => void): Promise<RedisBinary> {
  if (process.platform === 'darwin') {
    say('Installing Redis, which is not on this machine: brew install redis');
    await run('brew', ['install', 'redis'], { env: systemEnv() });
  } else if (process.getuid?.() === 0) {
    say('Installing Redis, which is not on this machine: apt-get install -y redis-server');
    await aptGet(['install', '-y', '--no-install-recommends', 'redis-server']);
  } else {
    say(`Unpacking Redis, which is not on this machine, into ${cacheFolder()}`);
    await unpack();
  }
  const found = (await onPath(['redis-server', 'valkey-server'])) ?? (await unpackedBinary())?.path;
  if (found === undefined) throw new Error('installed, but still not found');
  return (await unpackedBinary()) ?? { path: found, env: process.env };
}

/** A machine that never fetched its package lists knows no packages: fetch them once, then again. */
async function aptGet(args: readonly string[], cwd?: string): Promise<void> {
  const options = {
    env: { ...systemEnv(), DEBIAN_FRONTEND: 'noninteractive' },
    ...(cwd === undefined ? {} : { cwd }),
  };
  try {
    await run('apt-get', args, options);
  } catch {
    await run('apt-get', ['update'], options);
    await run('apt-get', args, options);
  }
}

/** Without root a package can still be downloaded and unpacked; only its own libraries come along. */
async function unpack(): Promise<void> {
  const folder = cacheFolder();
  await mkdir(folder, { recursive: true });
  await aptGet(['download', 'redis-tools', 'redis-server', 'libjemalloc2', 'liblzf1', 'libatomic1'], folder);
  const packages = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  for (const name of packages) await run('dpkg', ['-x', join(folder, name), folder], { env: systemEnv() });
}

async function unpackedBinary(): Promise<RedisBinary | undefined> {
  const folder = cacheFolder();
  // In Debian's package `redis-server` is a link to this one program, which looks at the name it is called by.
  const path = join(folder, 'usr/bin/redis-server');
  if (!existsSync(path)) return undefined;
  const libraries = join(folder, 'usr/lib');
  const folders = (await readdir(libraries)).map((name) => join(libraries, name));
  return { path, env: { ...process.env, LD_LIBRARY_PATH: folders.join(delimiter) } };
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover', 'redis');
}

/** PATH, and after it where systems keep their programs. */
export function systemPath(): string {
  return [process.env['PATH'] ?? '', ...SYSTEM_FOLDERS].join(delimiter);
}

function systemEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: systemPath() };
}

async function onPath(names: readonly string[]): Promise<string | undefined> {
  for (const folder of systemPath().split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (await runnable(path)) return path;
    }
  }
  return undefined;
}

async function runnable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
