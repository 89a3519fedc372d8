import { setTimeout as delay } from 'node:timers/promises';

/**
 * Lets scripts out one after the other, none waiting for the answer to another, yet no faster than Redis runs them.
 * Sent all at once they would lie in Redis's buffer, which it empties before it turns to another client: each would be
 * short, and all together a long wait for everybody else.
 */
export type SendWindow = {
  /**
   * Resolves, once it is this one's turn, with the promise of its answer in a list, so that the answer itself is not
   * waited for; an error is an answer too. `first`: nothing of ours is under way, so its time is that of the network.
   */
  admit(send: () => Promise<unknown>, first: boolean): Promise<readonly [answer: Promise<unknown>]>;
};

/** From one script to the next, at least: about as long as one takes. */
const PACE_MS = 1;

export function sendWindow(): SendWindow {
  let underWay = 0;
  /** How long an answer takes when nothing stands before it; not known until one came. */
  let aloneMs = Infinity;
  let heard = (): void => {};

  // What the network holds at any time, and one at the server beside the one that runs.
  const room = (): number => Math.floor(aloneMs / PACE_MS) + 1;

  return {
    async admit(send, first) {
      if (!first) await delay(PACE_MS);
      while (underWay >= room()) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
      underWay += 1;
      const sentAt = performance.now();
      const answer = send()
        .catch((thrown: unknown) => thrown)
        .finally(() => {
          underWay -= 1;
          if (first) aloneMs = performance.now() - sentAt;
          heard();
        });
      return [answer];
    },
  };
}
