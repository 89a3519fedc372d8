/**
 * One question for many who ask: while it is under way, and for `forMs` from when it was asked, they get the same answer.
 */
export function shared<T>(ask: () => Promise<T>, forMs: number, now: () => number): () => Promise<T> {
  let latest: { readonly at: number; readonly answer: Promise<T>; settled: boolean } | undefined;
  return async () => {
    const at = now();
    // A clock that was set back would keep an old answer for long.
    const fresh = latest !== undefined && (!latest.settled || (at >= latest.at && at - latest.at < forMs));
    if (!latest || !fresh) {
      const asked = { at, answer: ask(), settled: false };
      latest = asked;
      void asked.answer.catch(() => {}).finally(() => (asked.settled = true));
    }
    return await latest.answer;
  };
}
