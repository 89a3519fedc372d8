import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { brokenBy } from './forty.ts';
import type { Story } from './story.ts';

const STORIES = join(import.meta.dirname, 'stories');
const names = readdirSync(STORIES).map((file) => file.replace(/\.json$/, ''));

test.each(names)('the story that found defect %s keeps the law', async (name) => {
  const story = JSON.parse(readFileSync(join(STORIES, `${name}.json`), 'utf8')) as Story;
  expect(await brokenBy(story)).toBeUndefined();
});
