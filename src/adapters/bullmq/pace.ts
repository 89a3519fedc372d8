import { setTimeout as delay } from 'node:timers/promises';

/**
 * Spaces out the scripts of a reading: none waits for the reply to another, and they are sent no faster than Redis runs
 * them. Sent all at once they would fill Redis's input buffer, which it empties before it serves another client: each
 * script would be short, and all of them together a long wait for the other clients.
 */
export type Pace = {
  /** Starts a run of scripts: one reading. Learns from the run before it. */
  readonly begin: () => void;
  /** Resolves when the next script may be sent, with a function to call once it was answered or has failed. */
  readonly turn: () => Promise<() => void>;
};

export type PaceClock = { readonly now: () => number; readonly sleep: (ms: number) => Promise<unknown> };

/** How long a script takes: the guess before anything was measured, and the bounds of the estimate. */
const FIRST_GUESS_MS = 0.4;
const SHORTEST_MS = 0.1;
const LONGEST_MS = 5;
/** Fewer answers are not enough to estimate the network time, and the rate of the answers. */
const FEW_ANSWERS = 4;
const ENOUGH_ANSWERS = 16;
/** The last answers of a run: if even the fastest of them was late, scripts were queued at Redis. */
const LAST_ANSWERS = 8;
const QUEUED_MS = 1;
/** If none was queued, Redis may be faster than estimated; one slow run raises the estimate only so much. */
const FASTER = 0.9;
const SLOWER = 1.5;
/** Slightly faster than Redis, as timers are late and only a queue shows that Redis is busy. */
const HASTE = 0.85;
/** Scripts in flight: the one that runs, and slightly more than the network is known to hold. */
const AT_REDIS = 1;
const SLACK = 1.1;
/** The resolution of timers; shorter delays are made up for at once. */
const GRAIN_MS = 1;

/**
 * Learns from the answers of each run. The fastest answer shows the network time; if the last scripts were queued at
 * Redis, the rate of the answers is the rate at which Redis works. In flight is what the network holds at that rate, and
 * one more: the window of BBR (Cardwell et al., 2016), for a server instead of a link. A fixed window is either too
 * small for a distant Redis or too large for a close one: ADR 4 has the figures.
 */
export function pace({ now, sleep }: PaceClock = { now: () => performance.now(), sleep: delay }): Pace {
  let scriptMs = FIRST_GUESS_MS;
  /** The fastest answer of this run, and of the run before while this one has few: a single one may be late by chance. */
  let fastestMs = Infinity;
  let run = newRun();
  let inFlight = 0;
  let sendAt = -Infinity;
  /** Callers that wait for room in the window; an abandoned reading may be among them. */
  const waiting: (() => void)[] = [];

  const onTheNetwork = (): number =>
    fastestMs === Infinity ? 0 : Math.floor((Math.max(0, fastestMs - scriptMs) * SLACK) / scriptMs);

  const learn = (): void => {
    if (run.answers < ENOUGH_ANSWERS) return;
    // Close to Redis the window alone sets the rate: it admits one script whenever Redis finishes one.
    const busy = onTheNetwork() === 0 || Math.min(...run.last) - fastestMs > QUEUED_MS;
    const meanMs = (run.lastAt - run.firstAt) / (run.answers - 1);
    const newMs = busy ? Math.min(meanMs, scriptMs * SLOWER) : scriptMs * FASTER;
    scriptMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, newMs));
  };

  const answered = (sentAt: number): void => {
    const at = now();
    inFlight -= 1;
    if (run.answers === 0) run.firstAt = at;
    run.answers += 1;
    run.lastAt = at;
    run.last[run.answers % LAST_ANSWERS] = at - sentAt;
    run.fastestMs = Math.min(run.fastestMs, at - sentAt);
    fastestMs = run.answers < FEW_ANSWERS ? Math.min(fastestMs, run.fastestMs) : run.fastestMs;
    for (const resume of waiting.splice(0)) resume();
  };

  return {
    begin() {
      learn();
      run = newRun();
    },
    async turn() {
      while (inFlight >= AT_REDIS + onTheNetwork()) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
      const earlyMs = sendAt - now();
      // Close to Redis the window sets the rate, more finely than a timer.
      if (onTheNetwork() > 0 && earlyMs > GRAIN_MS / 2) await sleep(Math.max(GRAIN_MS, earlyMs));
      const sentAt = now();
      sendAt = Math.max(sendAt, sentAt - GRAIN_MS) + HASTE * scriptMs;
      inFlight += 1;
      return () => answered(sentAt);
    },
  };
}

type Run = { answers: number; firstAt: number; lastAt: number; fastestMs: number; last: number[] };

function newRun(): Run {
  return { answers: 0, firstAt: 0, lastAt: 0, fastestMs: Infinity, last: [] };
}
