// The daemon's own parts as `run` puts them together: a thousand ticks as fast as they can, then some at the usual pace,
// at which V8 finds the quiet moments to collect its garbage in. Prints the resident memory.
import 'commander';

import { assemble } from '../dist/cli/assemble.js';
import { createLogger } from '../dist/cli/log.js';
import { secretsOf, settingsFrom } from '../dist/cli/settings.js';
import { keepHeapSmall } from '../dist/cli/small-heap.js';
import { NOTHING_TOLD, report } from '../dist/loop/report.js';
import { run } from '../dist/loop/run.js';

const TICKS = 1000;
const PACED_TICKS = 4;
keepHeapSmall();
const { settings } = settingsFrom(process.env);
const logger = await createLogger(process.stderr, 'warn', secretsOf(settings));
const { ports, close } = await assemble(settings, true, () => {});
const stop = new AbortController();
let told = NOTHING_TOLD;
let ticks = 0;
let first = 0;
let busy = 0;
await run(
  ports,
  settings.processTypes,
  { intervalMs: 10_000, next: () => Date.now() + (ticks < TICKS ? 1 : 10_000) },
  (tick) => {
    const said = report(told, tick);
    told = said.told;
    for (const { level, message, fields } of said.lines) logger[level](fields, message);
    ticks += 1;
    if (ticks === 1) first = process.memoryUsage().rss;
    if (ticks === TICKS) busy = process.memoryUsage().rss;
    if (ticks === TICKS + PACED_TICKS) stop.abort();
  },
  stop.signal,
);
console.log(JSON.stringify({ first, busy, atRest: process.memoryUsage().rss, ticks: TICKS }));
close();
