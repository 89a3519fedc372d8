import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** What each folder of src may import from src besides itself; `packages`: whether npm packages may appear in it. */
const LAYERS: Record<string, { mayImport: readonly string[]; packages: boolean }> = {
  core: { mayImport: [], packages: false },
  failure: { mayImport: [], packages: false },
  'worker-names': { mayImport: [], packages: false },
  'heroku-sizes': { mayImport: [], packages: false },
  journal: { mayImport: ['core', 'heroku-sizes'], packages: false },
  ports: { mayImport: ['core', 'failure', 'journal'], packages: false },
  index: { mayImport: ['core'], packages: false },
  config: { mayImport: ['core', 'failure', 'worker-names'], packages: true },
  control: { mayImport: ['core', 'failure', 'journal', 'ports', 'config'], packages: false },
  reporting: { mayImport: ['core', 'failure', 'journal', 'ports', 'config', 'control'], packages: false },
  adapters: {
    mayImport: ['core', 'failure', 'heroku-sizes', 'journal', 'ports', 'config', 'worker'],
    packages: true,
  },
  worker: { mayImport: ['core', 'worker-names'], packages: false },
  sim: { mayImport: ['core', 'failure', 'journal', 'ports', 'config', 'control'], packages: false },
  standin: { mayImport: ['heroku-sizes', 'worker'], packages: true },
  http: { mayImport: ['core', 'failure', 'journal', 'ports', 'config', 'control'], packages: true },
  cli: {
    mayImport: [
      'worker-names',
      'core',
      'failure',
      'heroku-sizes',
      'journal',
      'ports',
      'config',
      'control',
      'reporting',
      'adapters',
      'http',
      'standin',
      'sim',
    ],
    packages: true,
  },
  main: { mayImport: ['cli', 'failure', 'config'], packages: true },
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap((match) => match[1] ?? []);
}

function layerOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '');
}

test('every file belongs to a layer, and imports only what its layer may', () => {
  let seen = 0;
  const broken: string[] = [];
  for (const file of files) {
    const layer = LAYERS[layerOf(file)];
    if (!layer) {
      broken.push(`${file} is in no layer`);
      continue;
    }
    for (const target of importsOf(file)) {
      seen += 1;
      if (target.startsWith('node:')) continue;
      if (!target.startsWith('.')) {
        if (!layer.packages) broken.push(`${file} imports the package ${target}`);
        continue;
      }
      const to = layerOf(relative(SRC, resolve(SRC, dirname(file), target)));
      if (to !== layerOf(file) && !layer.mayImport.includes(to)) broken.push(`${file} imports ${target}`);
    }
  }
  expect(broken).toEqual([]);
  expect(files.length).toBeGreaterThan(10);
  expect(seen).toBeGreaterThan(10);
});

test('the core has no clock, no chance, no environment and no promise', () => {
  const core = files.filter((file) => layerOf(file) === 'core');
  const impure = core.filter((file) =>
    /Date\.now|new Date\(\)|Math\.random|process\.|performance\.|setTimeout|setInterval|\basync\b|\bawait\b|Promise/.test(
      readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
    ),
  );
  expect(impure).toEqual([]);
  expect(core.length).toBeGreaterThan(4);
});

test('only the demo imports BullMQ', () => {
  const importing = files.filter((file) => importsOf(file).includes('bullmq'));
  expect(importing.toSorted()).toEqual(['standin/demo-app.ts', 'standin/demo-worker.ts']);
});
