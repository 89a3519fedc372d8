import { expect, test } from 'vitest';

import { keyOf } from './key.ts';
import {
  heartbeat,
  DYNOS,
  observe,
  patch,
  START,
  successors,
  terminate,
  write,
  type Flaws,
  type State,
} from './model.ts';

/** Every state that can be reached, until one is found that must not be. */
function explore(
  flaws: Flaws,
  wrong: (state: State) => string | undefined,
): { states: number; found?: string } {
  const seen = new Set([keyOf(START)]);
  let frontier: State[] = [START];
  while (frontier.length > 0) {
    const beyond: State[] = [];
    for (const state of frontier) {
      const found = wrong(state);
      if (found !== undefined) return { states: seen.size, found };
      for (const next of successors(state, flaws)) {
        const key = keyOf(next);
        if (seen.has(key)) continue;
        seen.add(key);
        beyond.push(next);
      }
    }
    frontier = beyond;
  }
  return { states: seen.size };
}

/** The clocks are gone, and with them the order: whoever then still rests would rest for ever. */
function restsForEver(state: State): boolean {
  const alone = everybodyBeats({ ...state, request: null, tick: null }, {});
  return alone.dynos.some((dyno) => dyno !== null && dyno.paused);
}

/** From here on all goes well, tick by tick: a job that waits is then begun, whatever rests or boots now. */
function waitsForEver(state: State, flaws: Flaws): boolean {
  // What runs now runs for ever: where every dyno is busy, waiting is no fault.
  let now: State = { ...state, tick: null };
  for (let round = 0; round < 4 && now.waiting > 0; round += 1) {
    now.dynos.forEach((dyno, index) => {
      if (dyno?.stopping === true) now = terminate(now, index);
    });
    now = write(now, observe(now, flaws), flaws);
    if (now.tick !== null) now = patch(now, now.tick);
    now = everybodyBeats(now, flaws);
    const free = now.dynos.findIndex((dyno) => dyno?.fetching === true && !dyno.busy && !dyno.stopping);
    if (free >= 0) return false;
  }
  return now.waiting > 0 && !(now.quantity === DYNOS && now.dynos.every((dyno) => dyno?.busy === true));
}

function everybodyBeats(state: State, flaws: Flaws): State {
  return state.dynos.reduce<State>((now, _, index) => heartbeat(now, index, flaws), state);
}

function wrongWith(flaws: Flaws) {
  return (state: State): string | undefined => {
    if (state.killed > 0) return 'a job is killed';
    if (restsForEver(state)) return 'a worker rests for ever';
    if (state.waiting > 0 && waitsForEver(state, flaws)) return 'a job waits with idle dynos';
    return undefined;
  };
}

test('no state can be reached in which a job is killed, a worker rests for ever, or a job waits for nothing', () => {
  const { states, found } = explore({}, wrongWith({}));
  expect(found).toBeUndefined();
  expect(states).toBeGreaterThan(10_000);
});

test.each<{ name: string; flaws: Flaws; found: string }>([
  {
    name: 'a paused worker counts as resting while its fetch is under way',
    flaws: { pausedCountsAsDrained: true },
    found: 'a job is killed',
  },
  {
    name: 'an epoch lives on when the limit is raised',
    flaws: { epochOutlivesRaise: true },
    found: 'a job is killed',
  },
  {
    name: 'the order is written without looking at what stands there',
    flaws: { unconditionalWrite: true },
    found: 'a job is killed',
  },
  {
    name: 'a process takes jobs before it has heard the order',
    flaws: { noStartGate: true },
    found: 'a job is killed',
  },
  {
    name: 'the platform is told without asking the dynos',
    flaws: { noDrainRequest: true },
    found: 'a job is killed',
  },
  {
    name: 'dynos that the next tick wants are removed in this one',
    flaws: { ignoresNextTick: true },
    found: 'a job is killed',
  },
  {
    name: 'returning demand does not release those that rest',
    flaws: { neverDeletesRequest: true },
    found: 'a job waits with idle dynos',
  },
])('a protocol is found out in which $name', ({ flaws, found }) => {
  expect(explore(flaws, wrongWith(flaws)).found).toBe(found);
});
