// The parts of `drover run`: a thousand ticks without a pause, then some at the usual pace, in whose pauses V8 collects
// its garbage. Prints the resident memory. Bundled as the command is, to hold the same code.
import 'commander';

import type { Tick } from '../src/control/outcome.ts';
import { keepHeapSmall } from '../src/cli/small-heap.ts';

const TICKS = 1000;
const PACED_TICKS = 4;
// Before the large imports, as in `run`.
keepHeapSmall();
const { secretsOf, settingsFrom } = await import('../src/cli/settings.ts');
const { assemble } = await import('../src/cli/composition.ts');
const { createLogger } = await import('../src/cli/log.ts');
const { NOTHING_LOGGED, logLines } = await import('../src/reporting/log-lines.ts');
const { run } = await import('../src/control/run.ts');
const { settings } = settingsFrom(process.env);
const logger = await createLogger(process.stderr, 'warn', secretsOf(settings));
const { ports, close } = await assemble(settings, 'act', () => {});
const stop = new AbortController();
let logged = NOTHING_LOGGED;
let ticks = 0;
let first = 0;
let busy = 0;
const schedule = { shortestMs: 10_000, next: () => Date.now() + (ticks < TICKS ? 1 : 10_000) };
const onTick = (tick: Tick): void => {
  const next = logLines(logged, tick);
  logged = next.state;
  for (const { level, message, fields } of next.lines) logger[level](fields, message);
  ticks += 1;
  if (ticks === 1) first = process.memoryUsage().rss;
  if (ticks === TICKS) busy = process.memoryUsage().rss;
  if (ticks === TICKS + PACED_TICKS) stop.abort();
};
await run({ ports, schedule, onTick, signal: stop.signal }, settings.processTypes);
console.log(JSON.stringify({ first, busy, atRest: process.memoryUsage().rss, ticks: TICKS }));
close();
