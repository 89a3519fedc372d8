import { existsSync } from 'node:fs';
import { access, constants, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

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

/** Only a checkout has this script: the published package never installs anything on the machine it runs on. */
const INSTALLER = fileURLToPath(new URL('../../scripts/install-redis.mjs', import.meta.url));

/** A server program and the environment it needs. */
export type RedisBinary = { readonly path: string; readonly env: NodeJS.ProcessEnv };

/** Where to look for a Redis server. */
export type RedisPlaces = {
  /** Folders, separated as in PATH. */
  readonly path: string;
  /** Where the installer unpacks a Debian package when it does not run as root. */
  readonly unpacked: string;
  readonly installer: string;
};

type Installer = {
  readonly installRedis: (options: {
    readonly path: string;
    readonly unpacked: string;
    readonly say: (line: string) => void;
  }) => Promise<void>;
};

/** There is no Redis server on this machine; `remedy` says how to install one. */
export class NoRedisError extends Error {
  readonly remedy: string;

  constructor(cause?: unknown) {
    super('there is no redis-server or valkey-server on this machine', { cause });
    this.remedy = redisRemedy(process.platform);
  }
}

/** How to install a Redis server on a platform as Node names it. */
export function redisRemedy(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Install one with `brew install redis` and try again.';
  if (platform === 'win32')
    return 'Redis does not run on Windows: use WSL (`wsl --install`), install Node and Redis in it and try again.';
  return (
    'Install one and try again: `sudo apt-get install -y redis-server` on Debian and Ubuntu, ' +
    '`sudo dnf install -y valkey` on Fedora, `sudo apk add redis` on Alpine.'
  );
}

/**
 * Finds `redis-server` or `valkey-server` on this machine; no npm package ships one. In a checkout of Drover it is
 * installed if it is missing, and `say` gets one line about that. REDIS_SERVER_BINARY names another server, so that tests
 * can run on any version. Throws a NoRedisError.
 */
export async function findRedisBinary(
  say: (line: string) => void = () => {},
  places: RedisPlaces = { path: systemPath(), unpacked: cacheFolder(), installer: INSTALLER },
): Promise<RedisBinary> {
  const named = process.env['REDIS_SERVER_BINARY'];
  if (named !== undefined) return { path: named, env: process.env };
  const found = await search(places);
  if (found !== undefined) return found;
  if (!existsSync(places.installer)) throw new NoRedisError();
  try {
    const { installRedis } = (await import(pathToFileURL(places.installer).href)) as Installer;
    await installRedis({ path: places.path, unpacked: places.unpacked, say });
  } catch (cause) {
    throw new NoRedisError(cause);
  }
  const installed = await search(places);
  if (installed === undefined) throw new NoRedisError();
  return installed;
}

/** PATH, and after it where systems keep their programs. */
export function systemPath(): string {
  return [process.env['PATH'] ?? '', ...SYSTEM_FOLDERS].join(delimiter);
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover', 'redis');
}

async function search({ path, unpacked }: RedisPlaces): Promise<RedisBinary | undefined> {
  const found = await onPath(path, ['redis-server', 'valkey-server']);
  return found === undefined ? await unpackedBinary(unpacked) : { path: found, env: process.env };
}

/** A package that is only unpacked needs to be shown where its libraries are. */
async function unpackedBinary(folder: string): Promise<RedisBinary | undefined> {
  const path = join(folder, 'usr/bin/redis-server');
  if (!existsSync(path)) return undefined;
  const libraries = join(folder, 'usr/lib');
  const folders = (await readdir(libraries)).map((name) => join(libraries, name));
  return { path, env: { ...process.env, LD_LIBRARY_PATH: folders.join(delimiter) } };
}

async function onPath(path: string, names: readonly string[]): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    for (const name of names) {
      const candidate = join(folder, name);
      if (await runnable(candidate)) return candidate;
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
