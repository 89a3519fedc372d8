/**
 * Heroku's own command line against the stand-in: `ps`, `ps:scale`, `config` and `config:set`. It is 400 MB, so it is no
 * dependency: HEROKU_CLI names the program, else `npx heroku@11` installs it into npm's cache.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPlatform } from '../src/standin/platform.ts';

const APP = 'shop';
const [program = '', ...first] = (process.env['HEROKU_CLI'] ?? 'npx --yes heroku@11').split(' ');

const platform = await startPlatform({
  scopes: ['global'],
  apps: [
    {
      name: APP,
      config: { QUEUES: 'mail' },
      formation: [
        { type: 'web', quantity: 1 },
        { type: 'worker', quantity: 2 },
      ],
    },
  ],
});
const home = await mkdtemp(join(tmpdir(), 'drover-heroku-'));

type Check = { readonly command: string; readonly holds: (output: string) => boolean };

const CHECKS: readonly Check[] = [
  { command: 'ps', holds: (output) => /worker\.1: up/.test(output) && /worker\.2: up/.test(output) },
  { command: 'ps:scale worker=4', holds: () => platform.quantity(APP, 'worker') === 4 },
  { command: 'ps:scale', holds: (output) => output.includes('worker=4:Standard-1X') },
  { command: 'ps:scale worker=1:Standard-2X web=0', holds: () => platform.quantity(APP, 'web') === 0 },
  { command: 'ps', holds: (output) => /worker \(Standard-2X\)/.test(output) && !output.includes('worker.2') },
  { command: 'config', holds: (output) => /QUEUES:\s+mail/.test(output) },
  { command: 'config:set QUEUES=mail,reports', holds: (output) => output.includes('mail,reports') },
  { command: 'config:unset QUEUES', holds: () => true },
  { command: 'config', holds: (output) => !output.includes('QUEUES') },
];

let failed = 0;
try {
  for (const { command, holds } of CHECKS) {
    const { code, output } = await heroku([...command.split(' '), '-a', APP]);
    const passed = code === 0 && holds(output);
    if (!passed) failed += 1;
    console.log(`${passed ? '✓' : '✗'} heroku ${command}`);
    if (!passed) console.log(output);
  }
} finally {
  await platform.close();
  await rm(home, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;

async function heroku(args: readonly string[]): Promise<{ code: number; output: string }> {
  const env = {
    ...process.env,
    XDG_CACHE_HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    HEROKU_HOST: platform.url,
    HEROKU_API_KEY: platform.token,
    DISABLE_TELEMETRY: 'true',
  };
  return await new Promise((end) => {
    execFile(program, [...first, ...args], { env }, (error, stdout, stderr) => {
      end({ code: error ? 1 : 0, output: stdout + stderr });
    });
  });
}
