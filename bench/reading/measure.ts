/**
 * One reader in a process of its own: `measure READER URL QUEUES TICKS`. Warms up, says so, and on a message from its
 * parent runs the ticks and says what they took.
 */
import { once } from 'node:events';

import { READERS } from './readers.ts';

const [reader = '', url = '', queues, ticks] = process.argv.slice(2);
const WARM_UP = 3;

const open = await READERS[reader]?.load();
if (!open) throw new Error(`no reader ${reader}`);
const names = Array.from({ length: Number(queues) }, (_, index) => `q${index}`);
globalThis.gc?.();
const rssBefore = process.memoryUsage().rss;
const read = await open(url, names);
for (let tick = 0; tick < (Number(ticks) === 1 ? 1 : WARM_UP); tick += 1) await read();

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
globalThis.gc?.();
const rssMb = (process.memoryUsage().rss - rssBefore) / 2 ** 20;
const ms = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
process.send?.({ ms, waiting, cpuMs: (user + system) / 1000 / times.length, rssMb }, () => process.exit(0));
