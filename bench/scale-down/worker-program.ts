import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { build } from 'esbuild';

const FOLDER = resolve(import.meta.dirname, '../../node_modules/.cache/bench');
let made: Promise<string> | undefined;

/** The path of the soak's worker in one file: loading BullMQ file by file takes most of the time of a boot. */
export async function workerProgram(): Promise<string> {
  made ??= bundle();
  return await made;
}

async function bundle(): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const outfile = join(FOLDER, 'dyno.cjs');
  // Other runs may start it meanwhile.
  const own = join(FOLDER, `dyno-${process.pid}.cjs`);
  await build({
    entryPoints: [join(import.meta.dirname, 'dyno.mjs')],
    outfile: own,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  });
  await rename(own, outfile);
  return outfile;
}
