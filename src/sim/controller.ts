import type { Simulation } from './simulation.ts';

/** Who resizes the fleet: Drover, or what a user would pick instead. */
export type Controller = {
  /** Shown in tables. */
  readonly name: string;
  /** From one look to the next. */
  readonly everyMs: number;
  /** Where it starts, and its bounds. */
  readonly min: number;
  readonly max: number;
  /** Looks at the world, and resizes it where it wants to. */
  tick(world: Simulation): void | Promise<void>;
};

/** The virtual clock's zero as epoch ms: a Monday, midnight UTC. */
export const EPOCH_MS = Date.UTC(2024, 0, 1);
