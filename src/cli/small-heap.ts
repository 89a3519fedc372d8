import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's nursery at its first size. It would grow to tens of megabytes under the garbage of thousands of ticks, for
 * a speed that a program which sleeps most of the time has no use for. Set while the process runs, it counts from the
 * next collection on.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
