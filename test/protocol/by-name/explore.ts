import { advance, observe } from './clock.ts';
import { controllerSteps, heartbeat, successors } from './model.ts';
import { keyOf, type Flaws, type State } from './state.ts';

export type Explored = {
  readonly states: number;
  readonly found?: string;
  readonly seen: ReadonlyMap<string, string>;
};

/** Visits every state that can be reached, the nearest first, until one is wrong. `seen`: each with the one before it. */
export function explore(starts: readonly State[], flaws: Flaws = {}): Explored {
  const seen = new Map(starts.map((start) => [keyOf(start), '']));
  const reached: State[] = [...starts];
  const checked = new Set<string>();
  for (const state of reached) {
    // No check looks at a tick in progress, or at what may still fail.
    const settled = { ...state, tick: null, failures: 0, rollouts: 0 };
    const settledKey = keyOf(settled);
    const found = checked.has(settledKey) ? undefined : wrong(settled, flaws);
    checked.add(settledKey);
    if (found !== undefined) return { states: seen.size, found, seen };
    const own = keyOf(state);
    for (const next of successors(state, flaws)) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.set(key, own);
      reached.push(next);
    }
  }
  return { states: seen.size, seen };
}

function wrong(state: State, flaws: Flaws): string | undefined {
  if (state.killed > 0) return 'a job is cut';
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
  let now: State = { ...state, tick: null };
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
