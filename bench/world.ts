import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { shrink } from '../test/world/shrink.ts';
import type { Violation } from '../test/world/law.ts';
import { storyOf } from '../test/world/seeds.ts';
import type { Story } from '../test/world/story.ts';
import { storyText } from '../test/world/story-text.ts';
import { play, type Outcome } from '../test/world/world.ts';
import { planted } from './world/planted.ts';

/** How much of the end of a story is printed when a single seed is played. */
const TOLD_MS = 600_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '300' },
    from: { type: 'string', default: '1' },
    ticks: { type: 'string' },
    seed: { type: 'string' },
    /** Plays a story from a file; with `first` before the seeds. */
    story: { type: 'string' },
    planted: { type: 'boolean', default: false },
    /** With `planted`: only this one; and whether its shortest story is kept for the suite. */
    defect: { type: 'string' },
    keep: { type: 'boolean', default: false },
    /** Ends at the first seed that breaks the law, and prints its story as JSON, with `keep` the shortest. */
    first: { type: 'boolean', default: false },
  },
});

if (values.planted) await planted(Number(values.seeds), values.defect, values.keep);
else if (values.story !== undefined && !values.first) await one(await storyIn(values.story));
else if (values.seed !== undefined) await one(storyOf(Number(values.seed)));
else
  await many(
    Number(values.from),
    Number(values.seeds),
    Number(values.ticks ?? Infinity),
    values.first,
    values.keep,
    values.story,
  );

async function storyIn(file: string): Promise<Story> {
  return JSON.parse(await readFile(file, 'utf8')) as Story;
}

async function one(story: Story): Promise<void> {
  const outcome = await play(story, true);
  const end = outcome.violations[0]?.atMs ?? outcome.tookMs;
  const log = outcome.log.filter(([atMs]) => atMs >= end - TOLD_MS && atMs <= end);
  console.log(storyText(story, { ...outcome, log }));
  await shortest(story, outcome);
}

async function shortest(story: Story, outcome: Outcome): Promise<void> {
  const [first] = outcome.violations;
  if (first === undefined) return;
  const short = await shrink(story, first.law);
  console.log(`\nThe shortest story found:\n${storyText(short, { ...(await play(short)), log: [] })}`);
}

/** The longest that dynos were too few and too many after faults, by the kind of fault that came before. */
type Longest = { seeds: number; up: number; down: number };

async function many(
  from: number,
  seeds: number,
  mostTicks: number,
  first: boolean,
  keep: boolean,
  storyFile: string | undefined,
): Promise<void> {
  const startedAt = performance.now();
  const kinds = new Map<string, Longest>();
  let [ticks, virtualMs, played] = [0, 0, 0];
  const broken: number[] = [];
  const brokeByStory =
    storyFile === undefined ? undefined : (await play(await storyIn(storyFile))).violations[0]?.law;
  for (let seed = from; seed < from + seeds && ticks < mostTicks; seed += 1) {
    const story = storyOf(seed);
    const outcome = await play(story);
    played += 1;
    ticks += outcome.ticks;
    virtualMs += outcome.tookMs;
    for (const kind of new Set(story.events.map(kindOf))) {
      const longest = kinds.get(kind) ?? { seeds: 0, up: 0, down: 0 };
      kinds.set(kind, {
        seeds: longest.seeds + 1,
        up: Math.max(longest.up, outcome.longest.up),
        down: Math.max(longest.down, outcome.longest.down),
      });
    }
    if (outcome.violations.length === 0) continue;
    broken.push(seed);
    process.exitCode = 1;
    if (first) {
      const [{ law }] = outcome.violations as [Violation];
      console.log(
        JSON.stringify({ brokeByStory, played, law, story: keep ? await shrink(story, law) : story }),
      );
      return;
    }
    console.log(storyText(story, { ...outcome, log: [] }));
    await shortest(story, outcome);
  }
  if (first) {
    console.log(JSON.stringify({ brokeByStory, played }));
    return;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${played} seeds, ${ticks} ticks, ${(virtualMs / 3_600_000).toFixed(1)} h of virtual time in ${seconds.toFixed(1)} s: ${(ticks / seconds).toFixed(0)} ticks a second`,
  );
  console.log(broken.length === 0 ? 'The law holds.' : `Broken by ${broken.length}: ${broken.join(' ')}`);
  console.log('\nLongest that dynos were too few or too many once faults were over, by what came before:');
  for (const [kind, longest] of [...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [up, down] = [longest.up, longest.down].map((ms) => `${Math.round(ms / 1000)} s`);
    console.log(
      `  ${kind.padEnd(24)} ${String(longest.seeds).padStart(6)} seeds  too few ${up}, too many ${down}`,
    );
  }
}

function kindOf(event: Story['events'][number]): string {
  if (event.kind === 'heroku') return `heroku ${event.fault.how}`;
  return event.kind === 'redis' ? `redis ${event.how}` : event.kind;
}
