import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { brokenBy } from './test-seeds.ts';
import type { Story } from './story.ts';

const namesIn = (folder: string): string[] =>
  readdirSync(join(import.meta.dirname, folder)).map((file) => file.replace(/\.json$/, ''));
const storyIn = (folder: string, name: string): Story =>
  JSON.parse(readFileSync(join(import.meta.dirname, folder, `${name}.json`), 'utf8')) as Story;

test.each(namesIn('stories'))('the story of defect %s keeps the law', async (name) => {
  expect(await brokenBy(storyIn('stories', name))).toBeUndefined();
});

test.each(namesIn('found'))('the story of %s keeps the law', async (name) => {
  expect(await brokenBy(storyIn('found', name))).toBeUndefined();
});
