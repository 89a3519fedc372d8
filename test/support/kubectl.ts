import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

import { systemPath } from '../../src/standin/redis-binary.ts';

const run = promisify(execFile);

/** Where Debian's kubectl is unpacked if the machine has none. */
const UNPACKED = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover', 'kubectl');

/** Kubernetes's own client: from the PATH, or Debian's, which needs no root to be unpacked. Undefined: it is not to be had. */
export async function findKubectl(): Promise<string | undefined> {
  const folders = [...systemPath().split(delimiter), join(UNPACKED, 'usr/bin')];
  const found = (): string | undefined =>
    folders.map((folder) => join(folder, 'kubectl')).find((path) => existsSync(path));
  if (found() !== undefined) return found();
  try {
    await mkdir(UNPACKED, { recursive: true });
    await run('apt-get', ['download', 'kubernetes-client'], { cwd: UNPACKED });
    for (const name of (await readdir(UNPACKED)).filter((file) => file.endsWith('.deb')))
      await run('dpkg', ['-x', join(UNPACKED, name), UNPACKED]);
  } catch {
    // Without apt, or without a network.
  }
  return found();
}
