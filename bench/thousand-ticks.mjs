// Runs a thousand ticks of the daemon, assembled as by `drover run`, back to back, and then a few at the normal interval,
// in whose pauses V8 collects garbage. Prints the resident memory.
import 'commander';

import { keepHeapSmall } from '../dist/cli/small-heap.js';

const TICKS = 1000;
const PACED_TICKS = 4;
// As in `run`: before the large imports.
keepHeapSmall();
const { secretsOf, settingsFrom } = await import('../dist/cli/settings.js');
const { assemble } = await import('../dist/cli/composition.js');
const { createLogger } = await import('../dist/cli/log.js');
const { NOTHING_LOGGED, logLines } = await import('../dist/reporting/log-lines.js');
const { run } = await import('../dist/control/run.js');
const { settings } = settingsFrom(process.env);
const logger = await createLogger(process.stderr, 'warn', secretsOf(settings));
const { ports, close } = await assemble(settings, true, () => {});
const stop = new AbortController();
let logged = NOTHING_LOGGED;
let ticks = 0;
let first = 0;
let busy = 0;
await run(
  ports,
  settings.processTypes,
  { shortestMs: 10_000, next: () => Date.now() + (ticks < TICKS ? 1 : 10_000) },
  (tick) => {
    const next = logLines(logged, tick);
    logged = next.told;
    for (const { level, message, fields } of next.lines) logger[level](fields, message);
    ticks += 1;
    if (ticks === 1) first = process.memoryUsage().rss;
    if (ticks === TICKS) busy = process.memoryUsage().rss;
    if (ticks === TICKS + PACED_TICKS) stop.abort();
  },
  stop.signal,
);
console.log(JSON.stringify({ first, busy, atRest: process.memoryUsage().rss, ticks: TICKS }));
close();
