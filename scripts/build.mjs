/**
 * Bundles programs with the packages they start with: loading them file by file took most of the time of a command.
 * `node scripts/build.mjs` makes the command and the demo's worker; `node scripts/build.mjs ENTRY FOLDER` bundles another
 * entry in the same way.
 *
 * Not minified, so that stack traces keep their names. Every dynamic import is a file of its own beside the entry.
 */
import { chmod, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

import { build } from 'esbuild';

const [entry, folder = 'dist'] = process.argv.slice(2);
const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
/** The demo starts its workers as processes, from a file beside its own. */
const PROGRAMS = { main: 'src/main.ts', 'demo-worker': 'src/standin/demo-worker.ts' };

/** The stand-in is published by file, and the commands that use it import those files. Its demo is theirs alone. */
const publishedFiles = {
  name: 'published-files',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
      const file = relative('src/standin', resolve(resolveDir, path));
      if (file.startsWith('..') || file.startsWith('demo-')) return undefined;
      return { path: `./standin/${file.replace(/\.ts$/, '.js')}`, external: true };
    }),
};

/**
 * got loads HTTP/2 whether or not it is used, and that opens a TLS context at once: a tenth of the time of a command. Drover
 * speaks HTTP/1.1. BullMQ brings a backend on Postgres, which the demo does not use: a fifth of BullMQ.
 */
const withoutUnused = {
  name: 'without-unused',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(http2-wrapper|\.\/postgres)$/ }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export default {};' }));
  },
};

const { metafile } = await build({
  entryPoints: entry === undefined ? PROGRAMS : [entry],
  outdir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: '[name]-[hash]',
  external: Object.keys(dependencies),
  plugins: [publishedFiles, withoutUnused],
  // Packages written for CommonJS require Node's own modules.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});

await writeFile(join(folder, 'LICENSES.txt'), await licensesOf(Object.keys(metafile.inputs)));
await cp('src/http/assets', join(folder, 'assets'), { recursive: true });
if (folder === 'dist') await chmod('dist/main.js', 0o755);

/** The licence of every package in the bundle, as each of them asks for. */
async function licensesOf(files) {
  const packages = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const texts = [...new Set(packages)].toSorted().map(async (path) => {
    const { name, version, license } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    const file = (await readdir(path)).find((candidate) => /^licen[cs]e/i.test(candidate));
    const text = file === undefined ? `Licence: ${license}\n` : await readFile(join(path, file), 'utf8');
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
