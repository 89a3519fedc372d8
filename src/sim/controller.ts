import type { Simulation } from './simulation.ts';

/** A policy that sets the quantity: Drover, or an alternative it is compared with. */
export type Controller = {
  /** Shown in tables. */
  readonly name: string;
  /** From one tick to the next. */
  readonly everyMs: number;
  /** The bounds; `min` is also the quantity at the start. */
  readonly min: number;
  readonly max: number;
  /** Reads the simulation and resizes it where needed. */
  tick(simulation: Simulation): void | Promise<void>;
  /** What the controller watches until its next tick, which comes at once where a peek needs it. Absent: nothing. */
  readonly watch?: SimulatedWatch | undefined;
};

export type SimulatedWatch = {
  readonly firstInMs: number;
  readonly everyMs: number;
  needsTick(simulation: Simulation): boolean;
};

/** The epoch time of the simulation's start: a Monday, midnight UTC. */
export const EPOCH_MS = Date.UTC(2024, 0, 1);
