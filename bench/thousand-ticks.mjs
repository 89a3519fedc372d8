// The daemon's own parts as `run` puts them together, ticking as fast as they can: prints its resident memory.
import 'commander';

import { assemble } from '../dist/cli/assemble.js';
import { createLogger } from '../dist/cli/log.js';
import { secretsOf, settingsFrom } from '../dist/cli/settings.js';
import { NOTHING_TOLD, report } from '../dist/loop/report.js';
import { run } from '../dist/loop/run.js';

const TICKS = 1000;
const { settings } = settingsFrom(process.env);
const logger = await createLogger(process.stderr, 'warn', secretsOf(settings));
const { ports, close } = assemble(settings, true, () => {});
const stop = new AbortController();
let told = NOTHING_TOLD;
let ticks = 0;
let first = 0;
await run(
  ports,
  settings.processTypes,
  { intervalMs: 10_000, next: () => Date.now() + 1 },
  (tick) => {
    const said = report(told, tick);
    told = said.told;
    for (const { level, message, fields } of said.lines) logger[level](fields, message);
    ticks += 1;
    if (ticks === 1) first = process.memoryUsage().rss;
    if (ticks === TICKS) stop.abort();
  },
  stop.signal,
);
console.log(JSON.stringify({ first, last: process.memoryUsage().rss, ticks }));
close();
