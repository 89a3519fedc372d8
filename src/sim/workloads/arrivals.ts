import { exponential, type Random } from '../random.ts';

/**
 * Arrival times (ms) of a Poisson process whose rate changes: drawn at its highest rate, and each kept with the
 * probability rate / highest at that moment (Lewis and Shedler's thinning). `rate` and `highest` are per second.
 */
export function* arrivals(
  random: Random,
  lengthMs: number,
  highest: number,
  rate: (atMs: number) => number = () => highest,
): Iterable<number> {
  for (let at = exponential(random, 1000 / highest); at < lengthMs; at += exponential(random, 1000 / highest))
    if (random() * highest < rate(at)) yield at;
}
