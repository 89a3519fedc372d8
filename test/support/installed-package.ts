import { execFile, type ExecFileException } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** How npm fails where neither its registry nor its cache has a package. */
const UNREACHABLE = /ENOTCACHED|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH/;

/** An app with nothing but Drover in it, installed by npm from the packed tarball. */
export type InstalledPackage = {
  readonly folder: string;
  readonly tarball: string;
  /** What npm printed. */
  readonly output: string;
  /** Adds a file to the app. */
  write(name: string, text: string): Promise<void>;
  /** Runs a program with Node in the app. stdout and stderr in one text. */
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  remove(): Promise<void>;
};

export type Ran = { readonly code: number; readonly text: string };

/** The package as it is built: packing it must not build it again beside the tests that run it. Undefined: no registry. */
export async function installPackage(): Promise<InstalledPackage | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-installed-'));
  const home = await mkdtemp(join(tmpdir(), 'drover-home-'));
  const environment = { PATH: process.env['PATH'] ?? '', HOME: home };
  // npm as this machine has it, with its registry, certificates and cache, but not as part of the `npm test` around it.
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  const npm = {
    ...Object.fromEntries(outside),
    HOME: home,
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
  };
  const remove = async (): Promise<void> => {
    for (const path of [folder, home]) await rm(path, { recursive: true, force: true });
  };
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const packed = JSON.parse((await run('npm', pack, { cwd: ROOT, env: npm })).stdout) as {
    filename: string;
  }[];
  const tarball = join(folder, packed[0]?.filename ?? '');
  await writeFile(join(folder, 'package.json'), '{ "name": "app", "private": true }');
  const installed = await ran('npm', ['install', tarball, '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: folder,
    env: npm,
  });
  if (installed.code !== 0) {
    await remove();
    if (UNREACHABLE.test(installed.text)) return undefined;
    throw new Error(installed.text);
  }
  return {
    folder,
    tarball,
    output: installed.text,
    write: async (name, text) => await writeFile(join(folder, name), text),
    node: async (args, env = {}) =>
      await ran(process.execPath, args, { cwd: folder, env: { ...environment, ...env } }),
    remove,
  };
}

/** The manifest of every package that was installed, by its path. */
export async function installedPackages({ folder }: InstalledPackage): Promise<Record<string, Manifest>> {
  const text = await readFile(join(folder, 'node_modules/.package-lock.json'), 'utf8');
  return (JSON.parse(text) as { packages: Record<string, Manifest> }).packages;
}

type Manifest = { readonly hasInstallScript?: boolean };

async function ran(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ran> {
  return await new Promise((end) => {
    execFile(program, args, options, (error: ExecFileException | null, stdout, stderr) => {
      end({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, text: stdout + stderr });
    });
  });
}
