import type { Clock } from '../ports.ts';
import { explain } from './errors.ts';
import type { Logger } from './log.ts';

const RESTART_MS = 10_000;

/**
 * Runs the loop of one of several apps until the signal aborts. What ends it unexpectedly is logged, and it starts again: it
 * would otherwise end the process, and with it the loops of the other apps.
 */
export async function restarting(
  loop: () => Promise<void>,
  {
    logger,
    clock,
    signal,
  }: {
    readonly logger: Pick<Logger, 'error'>;
    readonly clock: Pick<Clock, 'sleep'>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await loop();
    } catch (thrown) {
      logger.error(`loop ended; starting again in ${RESTART_MS / 1000} s. ${explain(thrown).text.trim()}`);
      await clock.sleep(RESTART_MS, signal);
    }
  }
}
