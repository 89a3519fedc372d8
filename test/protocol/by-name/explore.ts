import { exploreModel, type Explored } from '../explore.ts';
import { advance, observe } from './clock.ts';
import { controllerSteps, heartbeat, successors } from './model.ts';
import { keyOf, type Flaws, type State } from './state.ts';

/** Every state that can be reached from these. */
export function explore(starts: readonly State[], flaws: Flaws = {}): Explored {
  return exploreModel({
    starts,
    keyOf,
    successors: (state) => successors(state, flaws),
    // No check looks at a tick in progress, or at what may still fail.
    settled: (state) => ({ ...state, tick: null, failures: 0, rollouts: 0 }),
    wrong: (state) => wrong(state, flaws),
  });
}

function wrong(state: State, flaws: Flaws): string | undefined {
  if (state.killed > 0) return 'a job is cut';
  if (staysPausedForEver(state)) return 'a worker stays paused for ever';
  if (state.waiting > 0 && waitsForEver(state, flaws)) return 'a job waits beside idle pods';
  return undefined;
}

/** Without clocks and their request, a worker that is still paused after a heartbeat stays paused for ever. */
function staysPausedForEver(state: State): boolean {
  return allHeartbeats({ ...state, request: null }).pods.some((pod) => pod?.paused);
}

/** From here on nothing fails. A waiting job must then start within a few ticks, whatever drains or boots now. */
function waitsForEver(state: State, flaws: Flaws): boolean {
  let now = state;
  for (let round = 0; round < 5; round += 1) {
    if (now.pods.some((pod) => pod?.up === true && pod.fetching && !pod.busy)) return false;
    now = wholeTick(now, flaws);
    now = allHeartbeats(controlled(now));
  }
  // Running jobs never end here: if every pod runs one, a waiting job is no fault.
  return !now.pods.every((pod) => pod?.busy === true);
}

function wholeTick(state: State, flaws: Flaws): State {
  let now: State = Object.assign({}, state, { tick: observe(state, flaws) });
  while (now.tick !== null) now = advance(now, now.tick, flaws);
  return now;
}

/** The controllers act until nothing is left to do. */
function controlled(state: State): State {
  const [next] = controllerSteps(state);
  return next === undefined ? state : controlled(next);
}

function allHeartbeats(state: State): State {
  return state.pods.reduce<State>((now, _, index) => heartbeat(now, index, {}), state);
}
