import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, test } from 'vitest';
import wrapAnsi from 'wrap-ansi';

import { loadSettings } from '../../src/config/load.ts';
import { BLOCKS, SPEC } from '../../src/config/spec.ts';
import type { Spec } from '../../src/config/spec/kinds.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const specs = Object.entries<Spec<unknown>>(SPEC).map(([name, spec]) => ({ name, spec }));

function read(name: string): string {
  return readFileSync(resolve(ROOT, name), 'utf8');
}

const HEAD = 'All settings of Drover. Those with a # are optional; the value shown is the default.';

/** `.env.example` as the settings define it. */
function envExample(): string {
  const blocks = Object.entries<Record<string, Spec<unknown>>>(BLOCKS).map(([title, block]) => {
    const settings = Object.entries(block).map(([name, { about, required, default: value = '' }]) => {
      const line = required === undefined ? `# ${name}=${value}` : `${name}=${required}`;
      return `${comment(about)}\n${line}`;
    });
    return [`# --- ${title} ---`, ...settings].join('\n');
  });
  return `${[comment(HEAD), ...blocks].join('\n\n')}\n`;
}

function comment(text: string): string {
  return wrapAnsi(text, 78)
    .split('\n')
    .map((line) => `# ${line}`)
    .join('\n');
}

describe('.env.example', () => {
  test('is what the settings define', async () => {
    await expect(envExample()).toMatchFileSnapshot(resolve(ROOT, '.env.example'));
  });

  test('has valid values, also with every optional setting uncommented', () => {
    const lines = [...envExample().matchAll(/^(# )?([A-Z][A-Z_]+)=(.*)$/gm)];
    const pairs = lines.map(([, optional, name = '', value = '']) => ({ optional, name, value }));
    const required = pairs.filter(({ optional }) => optional === undefined);
    const loaded = loadSettings(Object.fromEntries(required.map(({ name, value }) => [name, value])));
    expect(pairs).toHaveLength(specs.length);
    expect(loaded).toMatchObject({ kind: 'settings' });
    expect(loadSettings(Object.fromEntries(pairs.map(({ name, value }) => [name, value])))).toEqual(loaded);
  });
});

describe('the table in the README', () => {
  const rows = [...read('README.md').matchAll(/^\| `([A-Z][A-Z_]+)` \| ([^|]*) \|/gm)].map(
    ([, name = '', shown = '']) => ({
      name,
      shown: shown.replaceAll('`', '').trim(),
    }),
  );

  test('has a row for every setting', () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual(specs.map(({ name }) => name).toSorted());
  });

  test.each(specs)('shows the default of $name', ({ name, spec }) => {
    const expected = spec.required !== undefined ? 'required' : (spec.default ?? 'unset');
    expect(rows.find((row) => row.name === name)?.shown).toBe(expected);
  });
});

test('the web process of the Procfile runs without the token of Heroku', () => {
  expect(read('Procfile')).toMatch(/^web: env -u HEROKU_API_KEY node dist\/main\.js serve$/m);
});
