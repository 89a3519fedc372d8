import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { stringLiterals, type TextAt } from './support/string-literals.ts';

const ROOT = resolve(import.meta.dirname, '..');
const STYLE = readFileSync(join(ROOT, 'docs/style.md'), 'utf8');
const HABITS = '## Habit words';

type TextFile = { readonly name: string; readonly text: string };
type Habit = { readonly words: string; readonly instead: string; readonly pattern: RegExp };

const habits: readonly Habit[] = [
  ...STYLE.slice(STYLE.indexOf(HABITS)).matchAll(/^\| (?!avoid|-)([^|]+) \| ([^|]+) \|$/gm),
].map(([, words = '', instead = '']) => ({ words, instead, pattern: patternOf(words) }));

/** Words of a phrase may stand on two lines. */
function patternOf(words: string): RegExp {
  const parts = words.split(' ').map((word) => (word === '…' ? String.raw`(?:\S+\s+){0,2}\S+` : word));
  return new RegExp(
    String.raw`\b${parts.join(String.raw`\s+`)}\b`,
    words === words.toUpperCase() ? 'g' : 'gi',
  );
}

function habitsIn({ name, text }: TextFile): string[] {
  const pieces: readonly TextAt[] = /\.[jt]s$/.test(name) ? stringLiterals(text) : [{ line: 1, text }];
  return pieces.flatMap((piece) =>
    habits.flatMap(({ words, instead, pattern }) =>
      [...piece.text.matchAll(pattern)].map(({ index }) => {
        const line = piece.line + piece.text.slice(0, index).split('\n').length - 1;
        return `${name}:${line}: "${words}": write ${instead}`;
      }),
    ),
  );
}

function filesIn(folder: string, ending: RegExp): TextFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => fileAt(join(folder, name)));
}

function fileAt(name: string): TextFile {
  return { name, text: withoutQuotes(name, readFileSync(join(ROOT, name), 'utf8')) };
}

/** Without the words that a page names in order to replace them. Keeps every line in its place. */
function withoutQuotes(name: string, text: string): string {
  if (name === 'docs/style.md') return text.slice(0, text.indexOf(HABITS)).replaceAll(/ \|[^|\n]*\|$/gm, '');
  if (name === 'CHANGELOG.md') return text.replaceAll(/^ +\|[^|\n]*\|/gm, '');
  return text;
}

const documents = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', '.env.example', 'app.json'].map(fileAt),
  ...filesIn('docs', /\.(?:md|json|yml)$/),
];
const sources = filesIn('src', /\.(?:[jt]s|html)$/);

describe('habit words', () => {
  test('the style page lists some, and the texts of operators are there to be searched', () => {
    expect(habits.length).toBeGreaterThan(20);
    expect(documents.length).toBeGreaterThan(20);
    expect(sources.length).toBeGreaterThan(100);
    const texts = sources.flatMap(({ name, text }) => (name.endsWith('.html') ? [] : stringLiterals(text)));
    expect(texts.length).toBeGreaterThan(2000);
    expect(texts.some(({ text }) => text.includes('heroku authorizations:create'))).toBe(true);
  });

  test.each([
    {
      name: 'src/a.ts',
      text: "// told\n\nlog('nobody was here');",
      found: ['src/a.ts:3: "nobody": write no one, none'],
    },
    {
      name: 'docs/a.md',
      text: 'All is\nwell, said\nwhoever',
      found: ['docs/a.md:3: "whoever": write a caller, a client, an operator'],
    },
    {
      name: '.env.example',
      text: '# Somebody\n',
      found: ['.env.example:1: "somebody": write an operator, another client'],
    },
    {
      name: 'src/b.ts',
      text: 'const a = `${count} jobs ask for\n ${n} more dynos`;',
      found: ['src/b.ts:1: "ask for … dynos": write need'],
    },
    {
      name: 'src/c.ts',
      text: "log(`the clock is ${ok ? 'well' : 'NOT WELL'}`);",
      found: ['src/c.ts:1: "NOT WELL": write UNHEALTHY'],
    },
    { name: 'src/d.ts', text: "const told = /'/.test(text); // nobody\n'not well';", found: [] },
  ])('a planted one in $name is found with its line', ({ name, text, found }) => {
    expect(habitsIn({ name, text })).toEqual(found);
  });

  test('no text that an operator reads has one', () => {
    expect([...documents, ...sources].flatMap(habitsIn)).toEqual([]);
  });
});

describe('the reader of string literals', () => {
  test.each([
    { what: 'single and double quotes', source: `a('it\\'s', "x")`, texts: [String.raw`it\'s`, 'x'] },
    {
      what: 'a template with strings inside',
      source: "`a ${f({ b: `c ${'d'}` })} e`",
      texts: ['d', 'c …', 'a … e'],
    },
    { what: 'no comments', source: "// 'a'\n/* 'b' */ 'c'", texts: ['c'] },
    { what: 'no regular expressions', source: "x.replace(/['/\"`]/g, 'y') / 2 / 'z'", texts: ['y', 'z'] },
  ])('finds $what', ({ source, texts }) => {
    expect(stringLiterals(source).map(({ text }) => text)).toEqual(texts);
  });

  test('fails on a literal that does not end, rather than skip the rest', () => {
    expect(() => stringLiterals("ok('a');\n'b")).toThrow('line 2');
  });
});
