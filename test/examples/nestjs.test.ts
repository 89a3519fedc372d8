import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = resolve(ROOT, 'examples/nestjs');

type Package = {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

function packageOf(folder: string): Package {
  return JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')) as Package;
}

/* `.ci/run` starts the app for real, with the packages of its own. */
test('the NestJS example and Drover agree on versions', () => {
  const [root, example] = [packageOf(ROOT), packageOf(EXAMPLE)];
  const ours = { ...root.dependencies, ...root.devDependencies };
  const shared = Object.entries({ ...example.dependencies, ...example.devDependencies }).filter(([name]) =>
    Object.hasOwn(ours, name),
  );
  expect(shared.map(([name]) => name)).toEqual(expect.arrayContaining(['bullmq', 'ioredis', 'typescript']));
  expect(shared.filter(([name, version]) => ours[name] !== version)).toEqual([]);
  expect(example.dependencies['drover']).toBe('file:../..');
});

test('every process of its Procfile is built from a source', () => {
  const lines = readFileSync(resolve(EXAMPLE, 'Procfile'), 'utf8').trim().split('\n');
  const sources = lines.flatMap((line) => /^\w+: node dist\/(\w+)\.js$/.exec(line)?.[1] ?? []);
  expect(sources).toEqual(['web', 'worker']);
  expect(lines).toContain('clock: drover run');
  for (const name of sources) expect(existsSync(resolve(EXAMPLE, `src/${name}.ts`))).toBe(true);
});
