import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { DockerfileParser } from 'dockerfile-ast';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const dockerfile = DockerfileParser.parse(readFileSync(resolve(ROOT, 'Dockerfile'), 'utf8'));
const instructions = dockerfile
  .getInstructions()
  .map((one) => ({ keyword: one.getKeyword(), text: one.getArgumentsContent() ?? '' }));

test('the last stage is an image that runs as a user that is not root, and runs nothing while it is built', () => {
  const [build, last, ...more] = dockerfile.getFROMs();
  expect(more).toEqual([]);
  expect(build?.getBuildStage()).toBe('build');
  expect(last?.getImage()).toMatch(/:nonroot$/);
  const start = instructions.findLastIndex(({ keyword }) => keyword === 'FROM');
  expect(instructions.slice(start).map(({ keyword }) => keyword)).not.toContain('RUN');
});

test('what the first stage copies is not left out by .dockerignore', () => {
  const kept = readFileSync(resolve(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = instructions
    .slice(
      0,
      instructions.findLastIndex(({ keyword }) => keyword === 'FROM'),
    )
    .filter(({ keyword }) => keyword === 'COPY')
    .flatMap(({ text }) => text.split(' ').slice(0, -1));
  expect(copied.toSorted()).toEqual(kept.toSorted());
});
