import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { DEFECTS } from '../../bench/world/defects.ts';

const CHANGES = DEFECTS.flatMap(({ defect, changes }) => changes.map((change) => ({ defect, ...change })));

test.each(CHANGES)('defect $defect can be planted in $file', ({ file, find }) => {
  const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  expect(text.split(find)).toHaveLength(2);
});

test('there are defects to plant', () => {
  expect(CHANGES.length).toBeGreaterThan(20);
});
