import { expect, test } from 'vitest';

import {
  advance,
  controllerSteps,
  heartbeat,
  keyOf,
  observe,
  START,
  successors,
  type Flaws,
  type State,
} from './by-name-model.ts';

/** Visits states in the order in which they can be reached, until one is wrong, or so many have been visited. */
function explore(flaws: Flaws, most: number): { readonly states: number; readonly found?: string } {
  const seen = new Set([keyOf(START)]);
  let frontier: State[] = [START];
  while (frontier.length > 0) {
    const reached: State[] = [];
    for (const state of frontier) {
      const found = wrong(state, flaws);
      if (found !== undefined) return { states: seen.size, found };
      if (seen.size >= most) continue;
      for (const next of successors(state, flaws, true)) {
        const key = keyOf(next);
        if (seen.has(key)) continue;
        seen.add(key);
        reached.push(next);
      }
    }
    frontier = reached;
  }
  return { states: seen.size };
}

function wrong(state: State, flaws: Flaws): string | undefined {
  if (state.killed > 0) return 'a job is cut';
  if (state.sentWhileRolling > 0) return 'a scale-down is sent during a rollout';
  if (staysPausedForEver(state)) return 'a worker stays paused for ever';
  if (state.waiting > 0 && waitsForEver(state, flaws)) return 'a job waits beside idle pods';
  return undefined;
}

/** Without clocks and their request, a worker that is still paused after a heartbeat stays paused for ever. */
function staysPausedForEver(state: State): boolean {
  return allHeartbeats({ ...state, request: null, tick: null }).pods.some((pod) => pod?.paused);
}

/** From here on nothing fails. A waiting job must then start within a few ticks, whatever drains or boots now. */
function waitsForEver(state: State, flaws: Flaws): boolean {
  let now: State = { ...state, tick: null, rolling: false };
  for (let round = 0; round < 5; round += 1) {
    now = wholeTick(now, flaws);
    now = allHeartbeats(controlled(now));
    if (now.pods.some((pod) => pod?.fetching === true && !pod.busy)) return false;
  }
  // Running jobs never end here: if every pod runs one, a waiting job is no fault.
  return !now.pods.every((pod) => pod?.busy === true);
}

function wholeTick(state: State, flaws: Flaws): State {
  let now: State = Object.assign({}, state, { tick: observe(state, flaws) });
  while (now.tick !== null) now = advance(now, now.tick, flaws);
  return now;
}

/** The controller acts until nothing is left to do. */
function controlled(state: State): State {
  const [next] = controllerSteps(state);
  return next === undefined ? state : controlled(next);
}

function allHeartbeats(state: State): State {
  return state.pods.reduce<State>((now, _, index) => heartbeat(now, index, {}), state);
}

test('no scale-down cuts a job, no worker stays paused for ever, and no job waits beside idle pods', () => {
  // All states: `npm run bench -- protocol`.
  const { states, found } = explore({}, 3000);
  expect(found).toBeUndefined();
  expect(states).toBeGreaterThan(2900);
});
