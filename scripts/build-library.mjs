/**
 * Completes what `tsc -p src` leaves of the modules that users import: adds each of them for `require` (Jest and Node before
 * 22.12 load no ES module by it), and keeps only the declarations that users can reach.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { build } from 'esbuild';

const ENTRIES = ['index', 'worker/index', 'standin/index'];
const RELATIVE_IMPORT = /((?:from|import)\s*\(?\s*['"])(\.[^'"]+)\.ts(?=['"])/g;

await build({
  entryPoints: ENTRIES.map((entry) => `src/${entry}.ts`),
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
});

const texts = new Map();
for (const entry of ENTRIES) await readDeclarations(`dist/${entry}.d.ts`);
const written = (await readdir('dist', { recursive: true })).filter((name) => name.endsWith('.d.ts'));
await Promise.all(
  written
    .map((name) => join('dist', name))
    .map(async (file) => {
      const text = texts.get(file);
      if (text === undefined) return await rm(file);
      await writeFile(file, text.replace(RELATIVE_IMPORT, '$1$2.js'));
      await writeFile(file.replace(/\.ts$/, '.cts'), text.replace(RELATIVE_IMPORT, '$1$2.cjs'));
    }),
);

/** Reads a declaration file, and all that it imports. */
async function readDeclarations(file) {
  if (texts.has(file)) return;
  const text = await readFile(file, 'utf8');
  texts.set(file, text);
  const imported = [...text.matchAll(RELATIVE_IMPORT)].map(([, , path]) => join(file, '..', `${path}.d.ts`));
  await Promise.all(imported.map(readDeclarations));
}
