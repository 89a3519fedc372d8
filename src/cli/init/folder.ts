import { execFile } from 'node:child_process';
import { chmod, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { FileError } from '../errors.ts';

const run = promisify(execFile);

/** Longer than git takes on a large repository. */
const GIT_TIMEOUT_MS = 5_000;

/** The folder of the user's app, and what git knows of it. */
export type Folder = {
  /** The text of a file; empty where there is none. Throws a FileError where it cannot be read. */
  read(name: string): Promise<string>;
  /** Replaces a file as a whole, or not at all. `secret`: only its owner may read it. Throws a FileError. */
  write(name: string, text: string, secret?: 'secret'): Promise<void>;
  /** `none`: git does not track it and would add it. */
  gitState(name: string): Promise<'ignored' | 'tracked' | 'none'>;
  /** The app of the git remote that `heroku create` adds. */
  herokuRemote(): Promise<string | undefined>;
};

export function folderAt(path: string): Folder {
  const git = async (...args: string[]): Promise<string | undefined> =>
    await run('git', args, { cwd: path, timeout: GIT_TIMEOUT_MS }).then(
      ({ stdout }) => stdout.trim(),
      () => undefined,
    );
  return {
    read: async (name) =>
      await readFile(join(path, name), 'utf8').catch((cause: unknown) => {
        if (codeOf(cause) === 'ENOENT') return '';
        throw new FileError(`cannot read ${name} (${codeOf(cause)})`, { cause });
      }),

    async write(name, text, secret) {
      // A link stays one, and its target gets the text.
      const file = await realpath(join(path, name)).catch(() => join(path, name));
      const part = `${file}.${process.pid}.part`;
      try {
        await writeFile(part, text, { mode: secret ? 0o600 : 0o666 });
        if (secret) await chmod(part, 0o600);
        await rename(part, file);
      } catch (cause) {
        await rm(part, { force: true });
        throw new FileError(`cannot write ${name} (${codeOf(cause)})`, { cause });
      }
    },

    async gitState(name) {
      if ((await git('ls-files', '--error-unmatch', '--', name)) !== undefined) return 'tracked';
      return (await git('check-ignore', '-q', '--', name)) === undefined ? 'none' : 'ignored';
    },

    async herokuRemote() {
      const url = await git('remote', 'get-url', 'heroku');
      return /(?:git\.heroku\.com\/|git@heroku\.com:)([a-z][a-z0-9-]+?)(?:\.git)?$/.exec(url ?? '')?.[1];
    },
  };
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
}
