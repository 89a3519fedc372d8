/**
 * Calls `read` once for many callers: while a call is in progress, and for `maxAgeMs` after it began, all get its result.
 */
export function coalesce<T>(read: () => Promise<T>, maxAgeMs: number, now: () => number): () => Promise<T> {
  let latest: { readonly at: number; readonly result: Promise<T>; settled: boolean } | undefined;
  return async () => {
    const at = now();
    // Where the clock was set back, the age is negative: read again, or an old result would stay for long.
    const fresh = latest !== undefined && (!latest.settled || (at >= latest.at && at - latest.at < maxAgeMs));
    if (!latest || !fresh) {
      const call = { at, result: read(), settled: false };
      latest = call;
      void call.result.catch(() => {}).finally(() => (call.settled = true));
    }
    return await latest.result;
  };
}
