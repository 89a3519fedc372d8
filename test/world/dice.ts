import { randomFrom, type Random } from '../../src/sim/random.ts';

/** Draws by a seed. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  chance(part: number): boolean {
    return this.#random() < part;
  }
  whole(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }
  one<T>(items: readonly T[]): T {
    return items[this.whole(0, items.length - 1)] as T;
  }
}
