import { findRedisBinary } from '../../src/stage/checkout.ts';

/** Once for the whole suite, before any file runs: test files run side by side and must not race to install it. */
export default async function setup(): Promise<void> {
  await findRedisBinary((line) => console.log(line));
}
