import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { loadSettings } from '../../src/config/load.ts';
import { SPEC, type Spec } from '../../src/config/spec.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const specs: Spec<unknown>[] = Object.values(SPEC);

function read(name: string): string {
  return readFileSync(resolve(ROOT, name), 'utf8');
}

describe('.env.example', () => {
  const lines = [...read('.env.example').matchAll(/^(# )?([A-Z][A-Z_]+)=(.*)$/gm)];
  const shown = new Map(
    lines.map(([, comment, name = '', value = '']) => [name, { optional: comment !== undefined, value }]),
  );

  test('names every setting, once', () => {
    expect(lines.map(([, , name]) => name).toSorted()).toEqual(specs.map(({ name }) => name).toSorted());
  });

  test.each(specs)('shows the default of $name', (spec) => {
    expect(shown.get(spec.name)?.optional).toBe(spec.required !== true);
    // A required one has no default; what it shows is an example, which the last test loads.
    const value = spec.required === true ? '' : shown.get(spec.name)?.value;
    expect(value).toBe(spec.default ?? '');
  });

  test('has values that are allowed, with the comments taken away too', () => {
    const asIs = Object.fromEntries(
      [...shown].flatMap(([name, { optional, value }]) => (optional ? [] : [[name, value]])),
    );
    const all = Object.fromEntries([...shown].map(([name, { value }]) => [name, value]));
    expect(loadSettings(asIs)).toMatchObject({ kind: 'settings' });
    expect(loadSettings(all)).toEqual(loadSettings(asIs));
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

  test.each(specs)('shows the default of $name', (spec) => {
    const expected = spec.required === true ? 'required' : (spec.default ?? 'unset');
    expect(rows.find(({ name }) => name === spec.name)?.shown).toBe(expected);
  });
});
