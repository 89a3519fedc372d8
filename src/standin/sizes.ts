import { DYNO_SIZES, findSize, type DynoSize, type Generation } from '../heroku-sizes.ts';

/** What the API lists: the `Shield-…` sizes are names of the command line client. */
export const API_SIZES: readonly DynoSize[] = DYNO_SIZES.filter((size) => size.tier !== 'Shield');

export function sizesOf(generation: Generation): readonly DynoSize[] {
  return API_SIZES.filter((size) => size.generation === generation);
}

export function findApiSize(name: string): DynoSize | undefined {
  const size = findSize(name);
  return size?.tier === 'Shield' ? undefined : size;
}

/** The size of that name, in any case, if the generation has it. */
export function findSizeOf(generation: Generation, name: string): DynoSize | undefined {
  const size = findApiSize(name);
  return size?.generation === generation ? size : undefined;
}
