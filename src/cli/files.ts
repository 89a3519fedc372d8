import { readFile, writeFile } from 'node:fs/promises';

import { FileError } from './errors.ts';

/** Both throw a FileError that names the file. */
export async function writeArgument(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: unknown) => {
    throw new FileError(`cannot write ${file}${codeOf(cause)}`, { cause });
  });
}

export async function readArgument(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new FileError(`cannot read ${file}${codeOf(cause)}`, { cause });
  });
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
}

/** Adds the variables of a file to the environment, but for those that are set. Throws a FileError that names the file. */
export function loadSettingsFile(file: string): void {
  try {
    process.loadEnvFile(file);
  } catch (cause) {
    throw new FileError(`cannot read ${file}${codeOf(cause)}`, { cause });
  }
}
