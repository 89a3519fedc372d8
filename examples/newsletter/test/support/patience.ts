/** How long a test waits for what has to happen at all: a busy machine makes a test slow, not red. */
export const PATIENCE_MS = 60_000;
