import { writeFile } from 'node:fs/promises';

/** The file given on the command line cannot be written: for exit code 2, as any argument that is wrong. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** Writes a page to the file that was asked for. Throws a FileError that names it. */
export async function writePage(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? ` (${String(thrown.code)})` : '';
    throw new FileError(`${file} cannot be written${code}`);
  }
}
