import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { BENCHES } from '../bench/benches.ts';
import { FAILURE_CODES } from '../src/failure.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
]
  .concat(readdirSync(join(ROOT, 'docs/adr')).map((name) => `docs/adr/${name}`))
  .filter((name) => name.endsWith('.md'));

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

test.each(FAILURE_CODES)('the manual says what to do about %s', (code) => {
  expect(read('docs/operations.md')).toContain(`\`${code}\``);
});

describe('links', () => {
  const links = PAGES.flatMap((page) =>
    [...read(page).matchAll(/(?:\]\(|(?:src|srcset)=")([^)\s":]+)[)"]/g)].map(([, target = '']) => ({
      page,
      target,
    })),
  );

  test('there are some', () => {
    expect(PAGES.length).toBeGreaterThan(15);
    expect(links.length).toBeGreaterThan(20);
  });

  test.each(links)('$target in $page leads somewhere', ({ page, target }) => {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    expect(statSync(join(ROOT, file), { throwIfNoEntry: false })).toBeDefined();
    if (anchor === undefined) return;
    const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, words = '']) =>
      words
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(headings).toContain(anchor);
  });
});

test('every npm script that a page names is there', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = PAGES.flatMap((page) =>
    [...read(page).matchAll(/npm run\s+(?:-s )?([\w:-]+)/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

describe('files that pages name', () => {
  const named = PAGES.filter((page) => page !== 'CHANGELOG.md').flatMap((page) =>
    [...read(page).matchAll(/(?<![\w./-])((?:src|test|bench)\/[\w./-]*\w\/?)/g)].map(([, path = '']) => ({
      page,
      path,
    })),
  );

  test('there are some, in the architecture above all', () => {
    expect(named.filter(({ page }) => page === 'docs/architecture.md').length).toBeGreaterThan(40);
  });

  test.each(named)('$path in $page exists', ({ path }) => {
    expect(statSync(join(ROOT, path), { throwIfNoEntry: false })).toBeDefined();
  });
});

test('every folder of src is in the architecture', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.length).toBeGreaterThan(5);
  const page = read('docs/architecture.md');
  expect(
    folders.filter(({ name }) => !page.includes(`| \`src/${name}/\` |`)).map(({ name }) => name),
  ).toEqual([]);
});

test('every benchmark that a page names is there', () => {
  const named = PAGES.flatMap((page) =>
    [...read(page).matchAll(/npm run bench\s+--\s+([a-z][a-z-]*)/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !BENCHES.has(name))).toEqual([]);
});

test('CI runs `npm run check` on the oldest Node that package.json allows, and on the newest', () => {
  const { scripts, engines } = JSON.parse(read('package.json')) as {
    scripts: Record<string, string>;
    engines: { node: string };
  };
  const workflow = read('.github/workflows/ci.yml');
  expect(workflow).toContain('- run: .ci/run');
  expect(workflow).toContain(`node: ['${engines.node.replace('>=', '')}', 'current']`);
  expect(read('.ci/run')).toContain('npm run check');
  for (const name of ['format:check', 'lint', 'types', 'unused'])
    expect(scripts['check']).toContain(`npm run --silent ${name} &&`);
  expect(scripts['check']).toMatch(/ && npm test$/);
});

test('lines of documents are at most 130 characters wide, except in tables and blocks of code', () => {
  const lines = PAGES.flatMap((page) => {
    const prose = read(page).replaceAll(/^```[^]*?^```/gm, (block) => block.replaceAll(/.+/g, ''));
    return prose.split('\n').map((text, index) => ({ at: `${page}:${index + 1}`, text }));
  });
  expect(lines.length).toBeGreaterThan(1000);
  const tooWide = lines.filter(({ text }) => text.length > 130 && !/^\s*[|<]/.test(text));
  expect(tooWide.map(({ at }) => at)).toEqual([]);
});
