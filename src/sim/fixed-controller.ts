import type { Controller } from './controller.ts';

/** A number of dynos that never changes. */
export function fixedController(quantity: number): Controller {
  return { name: `fixed ${quantity}`, everyMs: 60_000, min: quantity, max: quantity, tick: () => {} };
}
