/** Sizes whose limit is one for each process type; for the others it is the app's. */
const LIMITED_BY_TYPE = /^(?:eco|basic|performance|private|shield)/i;

/**
 * How many dynos a process type may have by the `limit` of a refusal, which does not say whether it counts the app's
 * dynos or the type's. `others` is what the app's other types are set to.
 */
export function allowedBy(
  limit: number,
  asked: { readonly from: number; readonly to: number; readonly others: number; readonly size: string },
): number {
  // What already stands above the limit cannot be what it counts.
  const countsType =
    asked.to > limit && (LIMITED_BY_TYPE.test(asked.size) || asked.from + asked.others > limit);
  return countsType ? limit : Math.max(0, limit - asked.others);
}
