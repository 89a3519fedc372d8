import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

export type Asset = {
  readonly path: string;
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
};

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

const STYLES = ['base', 'controls', 'layout', 'panel', 'tables', 'charts'];
const SCRIPTS = [
  'app',
  'apps',
  'banners',
  'chart-options',
  'charts',
  'decision',
  'dom',
  'format',
  'login',
  'panel',
  'pause',
  'tables',
  'tabs',
  'tiles',
];

/** All files of the pages, read and compressed once at the start: no request path reaches the file system. */
export async function loadAssets(): Promise<{
  readonly pages: { readonly dashboard: Asset; readonly login: Asset };
  readonly files: ReadonlyMap<string, Asset>;
}> {
  const folder = new URL('assets/', import.meta.url);
  const library = import.meta.resolve('uplot');
  const own = async (name: string, type: string): Promise<Asset> =>
    await load(`/assets/${name}`, type, new URL(name, folder));
  const [dashboard, login, ...files] = await Promise.all([
    load('/', HTML, new URL('index.html', folder)),
    load('/login', HTML, new URL('login.html', folder)),
    load('/assets/uplot.js', SCRIPT, new URL('uPlot.iife.min.js', library)),
    load('/assets/uplot.css', STYLE, new URL('uPlot.min.css', library)),
    own('icon.svg', 'image/svg+xml'),
    ...STYLES.map(async (name) => await own(`${name}.css`, STYLE)),
    ...SCRIPTS.map(async (name) => await own(`${name}.js`, SCRIPT)),
  ]);
  return { pages: { dashboard, login }, files: new Map(files.map((asset) => [asset.path, asset])) };
}

async function load(path: string, type: string, url: URL): Promise<Asset> {
  const plain = await readFile(url);
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { path, type, plain, gzipped: gzipSync(plain, { level: 9 }), etag };
}
