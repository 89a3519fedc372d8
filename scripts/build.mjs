/**
 * Bundles a program with the packages it starts with: loading them file by file took most of the time of a command.
 * `node scripts/build.mjs` makes `dist/main.js`; `node scripts/build.mjs ENTRY FOLDER` bundles another entry in the same way.
 *
 * Not minified, so that stack traces keep their names. Every dynamic import is a file of its own beside the entry.
 */
import { chmod, cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { build } from 'esbuild';

const [entry = 'src/main.ts', folder = 'dist'] = process.argv.slice(2);
const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));

/** The stand-in is published by file and starts one as a process, so the bundle imports those files. */
const publishedFiles = {
  name: 'published-files',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/standin\/[^/]+\.ts$/ }, ({ path }) => ({
      path: path.replace(/^.*\/standin\//, './standin/').replace(/\.ts$/, '.js'),
      external: true,
    })),
};

/**
 * got loads HTTP/2 whether or not it is used, and that opens a TLS context at once: a tenth of the time of a command. Drover
 * speaks HTTP/1.1.
 */
const withoutHttp2 = {
  name: 'without-http2',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^http2-wrapper$/ }, () => ({ path: 'http2-wrapper', namespace: 'unused' }));
    onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export default {};' }));
  },
};

const { metafile } = await build({
  entryPoints: [entry],
  outdir: folder,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: '[name]-[hash]',
  external: [...Object.keys(dependencies), 'bullmq'],
  plugins: [publishedFiles, withoutHttp2],
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
