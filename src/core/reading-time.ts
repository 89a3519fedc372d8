/** When a queue is read, how long after its last reading, and how far ahead a decision looks. `at` is epoch ms. */
export type ReadingTime = { readonly at: number; readonly sinceMs: number; readonly horizonMs: number };
