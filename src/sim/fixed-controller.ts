import type { Controller } from './controller.ts';

/** A constant quantity. */
export function fixedController(quantity: number): Controller {
  return { name: `fixed ${quantity}`, everyMs: 60_000, min: quantity, max: quantity, tick: () => {} };
}
