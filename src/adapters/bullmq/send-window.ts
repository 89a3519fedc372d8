import { setTimeout as delay } from 'node:timers/promises';

/**
 * Lets scripts out one after the other, none waiting for the answer to another, yet no faster than Redis runs them.
 * Sent all at once they would lie in Redis's buffer, which it empties before it turns to another client: each would be
 * short, and all together a long wait for everybody else.
 */
export type SendWindow = {
  /**
   * Resolves, once it is this one's turn, with the promise of its answer in a list, so that the answer itself is not
   * waited for; an error is an answer too.
   */
  admit(send: () => Promise<unknown>): Promise<readonly [answer: Promise<unknown>]>;
};

/** From one script to the next: about as long as one takes. */
const PACE_MS = 0.7;

/** The network's time is the shortest of so many answers: a longer one was a wait for somebody else. */
const KEPT_TRIPS = 6;

/** What may be made up for at once when a timer, which is no more exact than a millisecond, rang late. */
const LARGEST_BURST = 3;

export function sendWindow(): SendWindow {
  let underWay = 0;
  let trips: readonly number[] = [];
  let allowed = LARGEST_BURST;
  let countedAt = performance.now();
  let heard = (): void => {};

  // What the network holds at any time, and one at the server beside the one that runs.
  const room = (): number => Math.floor(Math.min(...trips) / PACE_MS) + 1;

  const turn = async (): Promise<void> => {
    for (;;) {
      const now = performance.now();
      allowed = Math.min(LARGEST_BURST, allowed + (now - countedAt) / PACE_MS);
      countedAt = now;
      if (allowed >= 1) break;
      await delay(Math.ceil((1 - allowed) * PACE_MS));
    }
    allowed -= 1;
  };

  return {
    async admit(send) {
      while (underWay >= room()) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
      await turn();
      const ahead = underWay;
      underWay += 1;
      const sentAt = performance.now();
      const answer = send()
        .catch((thrown: unknown) => thrown)
        .finally(() => {
          underWay -= 1;
          // What had many before it tells more of them than of the network.
          const tripMs = Math.max(0, performance.now() - sentAt - ahead * PACE_MS);
          if (ahead <= 1) trips = [tripMs, ...trips].slice(0, KEPT_TRIPS);
          heard();
        });
      return [answer];
    },
  };
}
