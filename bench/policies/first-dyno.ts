/** Jobs in order of arrival, s. */
export type Arrival = { readonly at: number; readonly service: number };

/**
 * The least dyno-seconds of a schedule's first dyno: whatever else runs, at least one is up when a job starts and until
 * it ends, each job starts within `waitS`, and every span with a dyno up begins with a boot. A linear program misses
 * this: it takes a fiftieth of a dyno where one job a minute needs a whole one.
 *
 * Spans serve jobs in order of arrival: a job that starts in a later span than a younger one could start in the earlier
 * too, as it was there. A span that serves jobs i to k starts at the latest when i must, and lasts to the end of k, which
 * starts no earlier than it arrives. So with g(k) for the least cost of the first k jobs
 *   g(k) = boot + S_k + min over i ≤ k of g(i − 1) + max(0, a_k − (a_i + wait)),
 * whose two cases are a minimum over a sliding window and one over a prefix: one pass.
 */
export function firstDynoSeconds(jobs: readonly Arrival[], waitS: number, bootS: number): number {
  // g(i − 1) of the spans that may begin with job i: those whose deadline is to come, rising, and the best of the rest.
  const window: { readonly at: number; readonly cost: number }[] = [];
  let head = 0;
  let bestPast = Infinity;
  let before = 0;
  const candidates: { readonly at: number; readonly cost: number }[] = [];
  let past = 0;
  for (const { at, service } of jobs) {
    const begin = { at, cost: before };
    candidates.push(begin);
    while (window.length > head && (window.at(-1)?.cost ?? 0) >= begin.cost) window.pop();
    window.push(begin);
    for (let next = candidates[past]; next && next.at < at - waitS; next = candidates[past]) {
      bestPast = Math.min(bestPast, next.cost - next.at);
      past += 1;
    }
    while ((window[head]?.at ?? Infinity) < at - waitS) head += 1;
    before = bootS + service + Math.min(window[head]?.cost ?? Infinity, bestPast + at - waitS);
  }
  return before;
}
