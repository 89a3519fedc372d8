import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

import { PATIENCE_MS } from '../support/patience.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const STANDIN = join(ROOT, 'src/standin');

test("drover/standin, imported by name, serves Heroku's own client", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'drive-by-name.mjs')],
    { cwd: ROOT, encoding: 'utf8', timeout: PATIENCE_MS },
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual({
    quantity: 4,
    dynos: ['worker.1 up', 'worker.2 up', 'worker.3 up', 'worker.4 up'],
    requests: ['PATCH /apps/shop/formation/worker 200'],
  });
});

test('what drover/standin imports does not import bullmq', () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, target = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (target.startsWith('.')) visit(resolve(file, '..', target));
      else if (!target.startsWith('node:')) packages.add(target);
    }
  };
  visit(join(STANDIN, 'index.ts'));
  expect(seen.size).toBeGreaterThan(readdirSync(STANDIN).length / 2);
  expect([...packages]).toEqual([]);
});
