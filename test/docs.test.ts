import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { FAILURE_CODES } from '../src/failure.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PAGES = ['README.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)]
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
