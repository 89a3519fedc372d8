import type { PlatformLimit } from '../../core/platform-limit.ts';

/** Sizes whose limit is one for each process type; for the others it is the app's. */
const LIMITED_BY_TYPE = /^(?:eco|basic|performance|private|shield)/i;

/**
 * What the `limit` of a refusal counts, which the refusal does not say: the dynos of the type or those of the app.
 * `others` is what the app's other types are set to.
 */
export function limitFrom(
  count: number,
  wanted: { readonly from: number; readonly to: number; readonly others: number; readonly size: string },
): PlatformLimit {
  // What already stands above the limit cannot be what it counts.
  const countsType =
    wanted.to > count && (LIMITED_BY_TYPE.test(wanted.size) || wanted.from + wanted.others > count);
  return { count, counts: countsType ? 'type' : 'app' };
}
