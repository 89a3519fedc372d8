import type { ProcessTypeSettings } from '../config/settings.ts';

const BOOT_MS = 30_000;
/** What counts as late under the backlog rule, which has no target wait. */
const MAX_WAIT_MS = 60_000;

/** What a simulation assumes of a process type where its settings do not say. */
export function assumed({
  bootMs = BOOT_MS,
  maxWaitMs = MAX_WAIT_MS,
}: Pick<ProcessTypeSettings, 'bootMs' | 'maxWaitMs'>): {
  readonly bootMs: number;
  readonly maxWaitMs: number;
} {
  return { bootMs, maxWaitMs };
}
