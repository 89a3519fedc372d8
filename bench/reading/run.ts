/** Reading compared: `npm run bench -- reading`. Prints a markdown table, and whether each aim is reached. */
import { fillQueues } from '../../test/support/fill-queues.ts';
import { installJudoscale } from '../peer/judoscale-package.ts';
import { BenchRedis, type Measured } from './bench-redis.ts';
import { READERS } from './readers.ts';

const COUNTS = (process.env['COUNTS'] ?? '1,100,1000,5000,10000').split(',').map(Number);
const RTTS_MS = (process.env['RTTS_MS'] ?? '0,20').split(',').map(Number);

/** Waiting jobs per queue. */
const WAITING = 5;

const chosen = process.env['READERS']?.split(',') ?? Object.keys(READERS);

/** Longer ticks are skipped: a reader that reads one queue after the other, some round trips each. */
const LONGEST_TICK_MS = 50_000;

const packages = installJudoscale();
const bench = await BenchRedis.open({ JUDOSCALE_PACKAGES: packages.anchor });

const rows = new Map<string, Measured>();
const rowOf = (reader: string, count: number, rttMs = 0): Measured | undefined =>
  rows.get(`${reader} ${count} ${rttMs}`);

for (const count of COUNTS) {
  await bench.admin.flushall();
  await fillQueues(bench.admin, count);
  for (const rttMs of RTTS_MS) {
    for (const reader of chosen) {
      const sequentialMs = reader === 'judoscale' ? count * Math.max(2.1 * rttMs, 0.5) : 0;
      if (sequentialMs > LONGEST_TICK_MS) continue;
      const ticks = sequentialMs > 5_000 ? 1 : rttMs > 0 ? 9 : count >= 5_000 ? 7 : count >= 1_000 ? 15 : 40;
      const row = await bench.measure(reader, count, rttMs, ticks);
      // In BullMQ 5 prioritized jobs count as waiting.
      if (row.waiting < WAITING * count) throw new Error(`${reader} read ${row.waiting} waiting jobs`);
      rows.set(`${reader} ${count} ${rttMs}`, row);
      console.error(`${reader}, ${count} queues, ${rttMs} ms away: ${row.ms.toFixed(1)} ms`);
    }
  }
}

const cell = (value: number | undefined, digits = 1): string => value?.toFixed(digits) ?? '–';
const heads = [
  'reader',
  'queues',
  'tick ms',
  'tick ms, 20 ms away',
  'commands',
  'Redis CPU ms',
  'KB sent',
  'longest block ms',
  'own CPU ms',
  'memory growth MB',
  'of it in use MB',
  'at its peak MB',
  'changes',
];
console.log(`| ${heads.join(' | ')} |\n|---|${'--:|'.repeat(heads.length - 1)}`);
for (const [reader, { title }] of Object.entries(READERS)) {
  for (const count of COUNTS) {
    const near = rowOf(reader, count);
    const cells = [
      title,
      String(count),
      cell(near?.ms),
      cell(rowOf(reader, count, 20)?.ms),
      cell(near?.commands, 0),
    ];
    cells.push(
      cell(near?.redisMs, 2),
      cell(near && near.bytes / 1000),
      cell(near?.longestMs),
      cell(near?.cpuMs, 2),
      cell(near?.rssMb),
      cell(near?.heapMb),
      cell(near?.peakMb),
      cell(near?.changes, 0),
    );
    console.log(`| ${cells.join(' | ')} |`);
  }
}

console.log('');
const aim = (text: string, value: number | undefined, atMost: number): void => {
  if (value === undefined || Number.isNaN(value)) return;
  console.log(`${value <= atMost ? 'reached' : 'MISSED '} ${text}: ${value.toFixed(2)} (at most ${atMost})`);
};
const ratio = (count: number, of: 'ms' | 'rssMb' | 'heapMb' | 'peakMb', to: string): number =>
  (rowOf('drover', count)?.[of] ?? NaN) / (rowOf(to, count)?.[of] ?? NaN);
const [far, rawFar] = [rowOf('drover', 1_000, 20), rowOf('raw', 1_000, 20)];
aim('1,000 queues 20 ms away, in round trips', (far?.ms ?? NaN) / 20, 3);
// The proxy's timers are late by a millisecond or two, which every script in flight pays as well.
const tripMs = rowOf('raw', 1, 20)?.ms ?? NaN;
aim(`the same in round trips as they are, of ${tripMs.toFixed(1)} ms`, (far?.ms ?? NaN) / tripMs, 3);
aim('the best tick of these', (far?.bestMs ?? NaN) / 20, 3);
aim('raw RESP, in round trips', (rawFar?.ms ?? NaN) / 20, 3);
aim('1,000 queues, time over raw RESP', ratio(1_000, 'ms', 'raw'), 2);
aim('10,000 queues, time over raw RESP', ratio(10_000, 'ms', 'raw'), 2);
aim('5,000 queues, memory growth over kept Queues', ratio(5_000, 'rssMb', 'kept'), 0.1);
aim('5,000 queues, growth of what is in use over kept Queues', ratio(5_000, 'heapMb', 'kept'), 0.1);
aim('5,000 queues, growth at its peak over kept Queues', ratio(5_000, 'peakMb', 'kept'), 0.1);
for (const count of COUNTS) {
  aim(`${count} queues, changes to Redis`, rowOf('drover', count)?.changes, 0);
  aim(`${count} queues, connections`, rowOf('drover', count)?.connections, 1);
}
const largest = COUNTS.at(-1) ?? 1;
const { cpuMs, wallMs } = await bench.scripts(largest);
const last = (times: readonly number[], part: number): number | undefined =>
  times[Math.ceil(times.length * part) - 1];
aim(`mean of ${wallMs.length} scripts, ms of Redis's processor time`, cpuMs, 2);
aim(`median of these by wall time, ms`, last(wallMs, 0.5), 2);
aim(`99th percentile of these by wall time, ms`, last(wallMs, 0.99), 2);
aim(`longest of these by wall time, ms`, last(wallMs, 1), 2);
const { idleMs, busyMs } = await bench.disturbance(largest);
console.log(
  `p99 of another client's PING: idle ${idleMs.toFixed(2)} ms, during ticks ${busyMs.toFixed(2)} ms`,
);
aim(`p99 of another client's PING during ticks of ${largest} queues, in ms above idle`, busyMs - idleMs, 3);

await bench.close();
packages.remove();
