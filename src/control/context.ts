import type { Ports } from '../ports.ts';

/** What every part of one tick works with. */
export type TickContext = {
  readonly ports: Ports;
  /** From this tick to the next. */
  readonly tickMs: number;
  /** Epoch ms at which the tick began. */
  readonly at: number;
  /** Aborts at the tick's deadline, and when the process is asked to end. */
  readonly signal: AbortSignal;
};
