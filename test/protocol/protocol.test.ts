import { expect, test } from 'vitest';

import { exploreModel, type Explored } from './explore.ts';
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

function explore(flaws: Flaws): Explored {
  return exploreModel({
    starts: [START],
    keyOf,
    successors: (state) => successors(state, flaws),
    // No check looks at a tick in progress.
    settled: (state) => ({ ...state, tick: null }),
    wrong: (state) => wrong(state, flaws),
  });
}

/** Without clocks and their request, a worker that is still paused after a heartbeat stays paused for ever. */
function staysPausedForEver(state: State): boolean {
  const withoutClock = allHeartbeats({ ...state, request: null }, {});
  return withoutClock.dynos.some((dyno) => dyno !== null && dyno.paused);
}

/** From here on nothing fails. A waiting job must then start within a few ticks, whatever is drained or booting now. */
function waitsForEver(state: State, flaws: Flaws): boolean {
  // Running jobs never end here: if every dyno is busy, a waiting job is no fault.
  let now = state;
  for (let round = 0; round < 4 && now.waiting > 0; round += 1) {
    now.dynos.forEach((dyno, index) => {
      if (dyno?.stopping === true) now = terminate(now, index);
    });
    now = write(now, observe(now, flaws), flaws);
    if (now.tick !== null) now = patch(now, now.tick);
    now = allHeartbeats(now, flaws);
    const free = now.dynos.findIndex((dyno) => dyno?.fetching === true && !dyno.busy && !dyno.stopping);
    if (free >= 0) return false;
  }
  return now.waiting > 0 && !(now.quantity === DYNOS && now.dynos.every((dyno) => dyno?.busy === true));
}

function allHeartbeats(state: State, flaws: Flaws): State {
  return state.dynos.reduce<State>((now, _, index) => heartbeat(now, index, flaws), state);
}

function wrong(state: State, flaws: Flaws): string | undefined {
  if (state.killed > 0) return 'a job is killed';
  if (staysPausedForEver(state)) return 'a worker stays paused for ever';
  if (state.waiting > 0 && waitsForEver(state, flaws)) return 'a job waits with idle dynos';
  return undefined;
}

test('no state can be reached in which a job is killed, a worker stays paused for ever, or a job waits beside idle dynos', () => {
  const { states, found } = explore({});
  expect(found).toBeUndefined();
  expect(states).toBeGreaterThan(10_000);
});

test.each<{ name: string; flaws: Flaws; found: string }>([
  {
    name: 'a paused worker counts as drained while a fetch is pending',
    flaws: { pausedCountsAsDrained: true },
    found: 'a job is killed',
  },
  {
    name: 'an epoch survives a raised limit',
    flaws: { epochOutlivesCall: true },
    found: 'a job is killed',
  },
  {
    name: 'the request is written without a compare-and-set',
    flaws: { unconditionalWrite: true },
    found: 'a job is killed',
  },
  {
    name: 'a process takes jobs before it has read the request',
    flaws: { noStartGate: true },
    found: 'a job is killed',
  },
  {
    name: 'dynos are removed without a drain request',
    flaws: { noDrainRequest: true },
    found: 'a job is killed',
  },
  {
    name: 'dynos that the next tick wants are removed in this tick',
    flaws: { ignoresNextTick: true },
    found: 'a job is killed',
  },
  {
    name: 'returning demand does not delete the request',
    flaws: { neverDeletesRequest: true },
    found: 'a job waits with idle dynos',
  },
])('the check finds the flaw: $name', ({ flaws, found }) => {
  expect(explore(flaws).found).toBe(found);
});
