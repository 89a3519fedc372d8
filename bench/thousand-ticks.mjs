// The daemon's own parts as `run` puts them together: a thousand ticks as fast as they can, then some at the usual pace,
// at which V8 finds the quiet moments to collect its garbage in. Prints the resident memory.
import 'commander';

import { keepHeapSmall } from '../dist/cli/small-heap.js';

const TICKS = 1000;
const PACED_TICKS = 4;
// As there, before all that is large.
keepHeapSmall();
const { secretsOf, settingsFrom } = await import('../dist/cli/settings.js');
const { assemble } = await import('../dist/cli/assemble.js');
const { createLogger } = await import('../dist/cli/log.js');
const { NOTHING_TOLD, report } = await import('../dist/loop/report.js');
const { run } = await import('../dist/loop/run.js');
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
  { shortestMs: 10_000, next: () => Date.now() + (ticks < TICKS ? 1 : 10_000) },
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
