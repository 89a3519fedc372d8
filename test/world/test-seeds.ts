import { expect, test } from 'vitest';

import { storyOf } from './seeds.ts';
import { shrink } from './shrink.ts';
import type { Story } from './story.ts';
import { storyText } from './story-text.ts';
import { play } from './world.ts';

const AT_ONCE = 10;

/** The words of what broke the law, as the shortest story that does; undefined where it held. */
export async function brokenBy(story: Story): Promise<string | undefined> {
  const [first] = (await play(story)).violations;
  if (first === undefined) return undefined;
  const shortest = await shrink(story, first.law);
  return storyText(shortest, { ...(await play(shortest)), log: [] });
}

/** Forty seeds from this one on. They are in several files, which run beside one another; `npm run bench -- world` plays any number. */
export function testSeedsFrom(first: number): void {
  for (let seed = first; seed < first + 40; seed += AT_ONCE) {
    test(`seeds ${seed} to ${seed + AT_ONCE - 1} keep the law`, async () => {
      for (let own = seed; own < seed + AT_ONCE; own += 1) {
        expect(await brokenBy(storyOf(own))).toBeUndefined();
      }
    });
  }
}
