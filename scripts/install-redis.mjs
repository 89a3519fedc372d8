/**
 * Installs a Redis server from the system's packages, for the tests, the example and the demo of a checkout. It is no part
 * of the published package.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** The server is a link to a program of redis-tools; the others are the libraries it needs. */
const PACKAGES = ['redis-tools', 'redis-server', 'libjemalloc2', 'liblzf1', 'libatomic1'];

/**
 * `path` is the PATH to run the installer with; `unpacked` the folder to unpack a Debian package into when this is not
 * root; `say` gets one line about what is installed.
 *
 * @param {{ path: string, unpacked: string, say: (line: string) => void }} options
 */
export async function installRedis({ path, unpacked, say }) {
  const env = { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' };
  if (process.platform === 'darwin') {
    say('Installing Redis, which is not on this machine: brew install redis');
    await run('brew', ['install', 'redis'], { env });
  } else if (process.getuid?.() === 0) {
    say('Installing Redis, which is not on this machine: apt-get install -y redis-server');
    await aptGet(['install', '-y', '--no-install-recommends', 'redis-server'], { env });
  } else {
    say(`Unpacking Redis, which is not on this machine, into ${unpacked}`);
    await mkdir(unpacked, { recursive: true });
    // Without root a package can still be downloaded and unpacked.
    await aptGet(['download', ...PACKAGES], { env, cwd: unpacked });
    const files = (await readdir(unpacked)).filter((name) => name.endsWith('.deb'));
    for (const name of files) await run('dpkg', ['-x', join(unpacked, name), unpacked], { env });
  }
}

/**
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string }} options
 */
async function aptGet(args, options) {
  try {
    await run('apt-get', args, options);
  } catch {
    // A machine that never fetched its package lists knows no packages.
    await run('apt-get', ['update'], options);
    await run('apt-get', args, options);
  }
}
