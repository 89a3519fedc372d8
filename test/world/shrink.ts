import type { LawName } from './law.ts';
import type { Story, StoryEvent, StoryType } from './story.ts';
import { play } from './world.ts';

/** Stories that are played at most to find a shorter one. */
const MOST_PLAYED = 250;

/** The shortest story found that breaks the same law: without each event that it takes none of, and simpler. */
export async function shrink(story: Story, law: LawName): Promise<Story> {
  let played = 0;
  const breaks = async (candidate: Story): Promise<boolean> => {
    if (played >= MOST_PLAYED) return false;
    played += 1;
    return (await play(candidate)).violations.some((violation) => violation.law === law);
  };
  let shortest = story;
  for (let before = ''; before !== JSON.stringify(shortest);) {
    before = JSON.stringify(shortest);
    shortest = await withFewerEvents(shortest, breaks);
    for (const simpler of simplerOnes(shortest)) {
      const candidate = simpler(shortest);
      if (JSON.stringify(candidate) !== JSON.stringify(shortest) && (await breaks(candidate)))
        shortest = candidate;
    }
  }
  return shortest;
}

type Breaks = (story: Story) => Promise<boolean>;

async function withFewerEvents(story: Story, breaks: Breaks): Promise<Story> {
  let { events } = story;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < events.length;) {
      const rest = [...events.slice(0, from), ...events.slice(from + size)];
      if (await breaks({ ...story, events: rest })) events = rest;
      else from += size;
    }
  }
  return { ...story, events };
}

type Simpler = (story: Story) => Story;

function simplerOnes(story: Story): Simpler[] {
  const onType =
    (change: (type: StoryType) => StoryType): Simpler =>
    (given) => ({ ...given, types: given.types.map(change) });
  const withSettings = (settings: Partial<StoryType['settings']>): Simpler =>
    onType((type) => ({ ...type, settings: { ...type.settings, ...settings } }));
  return [
    ...story.types.map(
      (type): Simpler =>
        (given) =>
          without(given, type),
    ),
    (given) => ({ ...given, readOnlyScripts: true }),
    onType((type) => ({ ...type, processes: 1, slots: 1, beatMs: 1000 })),
    onType((type) => ({ ...type, limiter: undefined })),
    onType((type) => ({ ...type, workers: 'named' })),
    onType((type) => ({ ...type, jobMs: [2000, 15_000] })),
    withSettings({ min: 0 }),
    withSettings({ maxWaitMs: undefined }),
    withSettings({ bootMs: 30_000, concurrency: 1 }),
    withSettings({ scaleDownDelayMs: 30_000 }),
    ...story.events.map((_, index): Simpler => (given) => ({
      ...given,
      events: given.events.map((event, at) => (at === index ? simplified(event) : event)),
    })),
  ];
}

function without(story: Story, type: StoryType): Story {
  const types = story.types.filter((one) => one.settings.processType !== type.settings.processType);
  if (types.length === 0 || types.length === story.types.length) return story;
  const { processType, queues } = type.settings;
  const events = story.events.filter(
    (event) =>
      !('type' in event && event.type === processType) && !('queue' in event && queues.includes(event.queue)),
  );
  return { ...story, types, events };
}

function simplified(event: StoryEvent): StoryEvent {
  const half = (ms: number): number => Math.max(1000, Math.round(ms / 2000) * 1000);
  if (event.kind === 'jobs') return { ...event, count: Math.max(1, Math.floor(event.count / 2)) };
  // Two releases are never closer to one another.
  if (event.kind === 'type gone') return event;
  return 'forMs' in event ? { ...event, forMs: half(event.forMs) } : event;
}
