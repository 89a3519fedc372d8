import { setTimeout as delay } from 'node:timers/promises';

/**
 * Lets scripts out one after the other, none waiting for the answer to another, and no faster than Redis runs them.
 * Sent all at once they would lie in Redis's buffer, which it empties before it turns to another client: each would be
 * short, and all together a long wait for everybody else.
 */
export type Pace = {
  /** Before each run of scripts that belong together: learns from the one before it. */
  readonly begin: () => void;
  /** Resolves when the next script may go out, with what is to be called at its answer, or when there will be none. */
  readonly turn: () => Promise<() => void>;
};

export type PaceClock = { readonly now: () => number; readonly sleep: (ms: number) => Promise<unknown> };

/** How long a script takes: before anything was measured, and the bounds of what is believed. */
const FIRST_GUESS_MS = 0.4;
const SHORTEST_MS = 0.1;
const LONGEST_MS = 5;
/** Fewer answers do not tell how far away Redis is, and how fast they come. */
const FEW_ANSWERS = 4;
const ENOUGH_ANSWERS = 16;
/** The last answers of a run: when even the fastest of them came late, scripts have waited at Redis. */
const LAST_ANSWERS = 8;
const QUEUED_MS = 1;
/** Where they have not, it may be faster than it was taken for; one slow run does not make it much slower. */
const FASTER = 0.9;
const SLOWER = 1.5;
/** Ahead of Redis by as much as timers come late, and a little: that it is busy shows only in a queue. */
const HASTE = 0.85;
/** The one that runs; and a part more than the network is known to hold. */
const AT_REDIS = 1;
const SLACK = 1.1;
/** Timers are no finer, so what is late by less is made up for at once. */
const GRAIN_MS = 1;

/**
 * Learns from the answers of each run of scripts. The fastest tells how long the network takes; where the last waited at
 * Redis, how fast they came is how fast it works. Under way is what the network holds at that pace, and one more: the
 * window of BBR (Cardwell et al., 2016), for a server in place of a line.
 */
export function pace({ now, sleep }: PaceClock = { now: () => performance.now(), sleep: delay }): Pace {
  let scriptMs = FIRST_GUESS_MS;
  /** The fastest answer of this run, and of the one before while there are few: any one may be late by chance. */
  let fastestMs = Infinity;
  let run = newRun();
  let underWay = 0;
  let sendAt = -Infinity;
  /** Those that wait for an answer: a reading that was given up may still be among them. */
  const waiting: (() => void)[] = [];

  const onItsWay = (): number =>
    fastestMs === Infinity ? 0 : Math.floor((Math.max(0, fastestMs - scriptMs) * SLACK) / scriptMs);

  const learn = (): void => {
    if (run.answers < ENOUGH_ANSWERS) return;
    // With nothing on its way, the window lets one out whenever Redis is done with one.
    const busy = onItsWay() === 0 || Math.min(...run.last) - fastestMs > QUEUED_MS;
    const meanMs = (run.lastAt - run.firstAt) / (run.answers - 1);
    const seenMs = busy ? Math.min(meanMs, scriptMs * SLOWER) : scriptMs * FASTER;
    scriptMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, seenMs));
  };

  const answered = (sentAt: number): void => {
    const at = now();
    underWay -= 1;
    if (run.answers === 0) run.firstAt = at;
    run.answers += 1;
    run.lastAt = at;
    run.last[run.answers % LAST_ANSWERS] = at - sentAt;
    run.fastestMs = Math.min(run.fastestMs, at - sentAt);
    fastestMs = run.answers < FEW_ANSWERS ? Math.min(fastestMs, run.fastestMs) : run.fastestMs;
    for (const goOn of waiting.splice(0)) goOn();
  };

  return {
    begin() {
      learn();
      run = newRun();
    },
    async turn() {
      while (underWay >= AT_REDIS + onItsWay()) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
        });
      }
      const earlyMs = sendAt - now();
      // With nothing on its way, the window is a pace, and a finer one than a timer's.
      if (onItsWay() > 0 && earlyMs > GRAIN_MS / 2) await sleep(Math.max(GRAIN_MS, earlyMs));
      const sentAt = now();
      sendAt = Math.max(sendAt, sentAt - GRAIN_MS) + HASTE * scriptMs;
      underWay += 1;
      return () => answered(sentAt);
    },
  };
}

type Run = { answers: number; firstAt: number; lastAt: number; fastestMs: number; last: number[] };

function newRun(): Run {
  return { answers: 0, firstAt: 0, lastAt: 0, fastestMs: Infinity, last: [] };
}
