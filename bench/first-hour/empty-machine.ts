import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** Node with npm, the shell that npm runs scripts with, and what looks into a log. */
const PROGRAMS = ['node', 'npm', 'npx', 'sh', 'grep'] as const;
/** 400 MB, so no dependency; HEROKU_CLI names one that is installed. */
const HEROKU_CLI = process.env['HEROKU_CLI'] ?? 'npx --yes heroku@11';

/** An empty folder and an empty home, with nothing but Node, npm and Heroku's command line on the PATH. */
export type EmptyMachine = {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** A text without the paths of this machine. */
  readonly withoutPaths: (text: string) => string;
  readonly remove: () => Promise<void>;
};

/** Drover's tarball lies beside the folder. */
export async function emptyMachine(): Promise<EmptyMachine> {
  const home = await mkdtemp(join(tmpdir(), 'drover-first-hour-'));
  const folder = join(home, 'shop');
  const programs = join(home, '.programs');
  for (const path of [folder, programs]) await mkdir(path);
  for (const name of PROGRAMS) await symlink(await pathOf(name), join(programs, name));
  const heroku = join(programs, 'heroku');
  await writeFile(heroku, `#!/bin/sh\nPATH="$PATH:${process.env['PATH'] ?? ''}" exec ${HEROKU_CLI} "$@"\n`);
  await chmod(heroku, 0o755);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', home], { cwd: ROOT });
  return {
    folder,
    env: {
      PATH: programs,
      HOME: home,
      ...(await registryOf()),
      DISABLE_TELEMETRY: 'true',
      HEROKU_DISABLE_AUTOUPDATE: 'true',
    },
    withoutPaths: (text) =>
      text.replaceAll(folder, '~/shop').replaceAll(home, '~').replaceAll(dirname(process.execPath), ''),
    remove: async () => await rm(home, { recursive: true, force: true }),
  };
}

/** The registry and the cache of this machine: all that a clean npm needs of its configuration. */
async function registryOf(): Promise<Record<string, string>> {
  const { stdout } = await run('npm', ['config', 'get', 'registry'], { cwd: ROOT });
  const certificates = process.env['NODE_EXTRA_CA_CERTS'];
  return {
    npm_config_registry: stdout.trim(),
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    npm_config_update_notifier: 'false',
    ...(certificates === undefined ? {} : { NODE_EXTRA_CA_CERTS: certificates }),
  };
}

async function pathOf(program: string): Promise<string> {
  return program === 'node'
    ? process.execPath
    : (await run('sh', ['-c', `command -v ${program}`])).stdout.trim();
}
