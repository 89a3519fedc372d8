/**
 * Measures one reader in a process of its own: `measure READER URL QUEUES TICKS`. Warms up, reports that it is ready, and
 * on a message from its parent runs the ticks and reports their figures.
 */
import { once } from 'node:events';

import { READERS } from './readers.ts';

const [reader = '', url = '', queues, ticks] = process.argv.slice(2);
/** A clock that has run for hours is fully compiled by V8. */
const WARM_UP_TICKS = 3;
const WARM_UP_MS = 2_000;

const open = await READERS[reader]?.load();
if (!open) throw new Error(`no reader ${reader}`);
const names = Array.from({ length: Number(queues) }, (_, index) => `q${index}`);
collect();
const before = process.memoryUsage();
const read = await open(url, names);
const warmAt = performance.now() + WARM_UP_MS;
const warmUpTicks = Number(ticks) === 1 ? 1 : WARM_UP_TICKS;
for (let tick = 0; tick < warmUpTicks || performance.now() < warmAt; tick += 1) await read();

process.send?.({ ready: true });
await once(process, 'message');
const cpu = process.cpuUsage();
const times: number[] = [];
let waiting = 0;
for (let tick = 0; tick < Number(ticks); tick += 1) {
  const from = performance.now();
  waiting = await read();
  times.push(performance.now() - from);
}
const { user, system } = process.cpuUsage(cpu);
collect();
const after = process.memoryUsage();
const rssMb = (after.rss - before.rss) / 2 ** 20;
const heapMb = (after.heapUsed - before.heapUsed) / 2 ** 20;
const peakMb = process.resourceUsage().maxRSS / 1024 - before.rss / 2 ** 20;
const sorted = times.toSorted((a, b) => a - b);
const ms = sorted[Math.floor(times.length / 2)];
const cpuMs = (user + system) / 1000 / times.length;
process.send?.({ ms, bestMs: sorted[0], waiting, cpuMs, rssMb, heapMb, peakMb }, () => process.exit(0));

/** More than once: memory that one collection frees is returned by the next. */
function collect(): void {
  for (let time = 0; time < 3; time += 1) globalThis.gc?.();
}
