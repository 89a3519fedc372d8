import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Chromium on PATH; undefined where there is none. */
function onPath(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/** Whether a browser is there, or can be put there without asking anybody. */
export const MAY_BROWSE =
  onPath() !== undefined || (process.platform === 'linux' && process.getuid?.() === 0);

/** The browser of the system, installed from its packages where it is missing and we may. */
export async function findChromium(): Promise<string> {
  const found = onPath();
  if (found !== undefined) return found;
  process.stderr.write('Installing Chromium, which is not on this machine: apt-get install -y chromium\n');
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'];
  await run('apt-get', install, options).catch(async () => {
    await run('apt-get', ['update'], options);
    await run('apt-get', install, options);
  });
  const installed = onPath();
  if (installed === undefined) throw new Error('installed, but still not found: install chromium by hand');
  return installed;
}
