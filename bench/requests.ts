/**
 * Requests to Heroku in an hour, by the real adapter against a local Heroku on a clock of its own: with nothing to
 * change, with a burst every ten minutes, and with another number of dynos wanted at every tick; and how long a change
 * came after the tick that could have seen it was needed, as a reading may be older than the tick.
 */
import { herokuFormation } from '../src/adapters/heroku/formation.ts';
import { reconcile, type Carried } from '../src/control/reconcile.ts';
import { startPlatform } from '../src/standin/platform.ts';
import { FakeClock } from '../test/adapters/heroku/fake-clock.ts';
import { backlog, processType, queue, InMemoryPorts } from '../test/support/ports.ts';

const HOUR_MS = 3_600_000;
const settings = processType({ scaleDownDelayMs: 0, manualHoldMs: 0 });

const LOADS: { readonly name: string; readonly jobsAt: (ms: number, tick: number) => number }[] = [
  { name: 'idle', jobsAt: () => 300 },
  { name: 'a burst every ten minutes', jobsAt: (ms) => (ms % 600_000 < 60_000 ? 3000 : 300) },
  { name: 'a change needed at every tick', jobsAt: (_, tick) => (tick % 2 === 0 ? 300 : 1300) },
];

console.log('| ticks | load | requests an hour | of the 4,500 | writes |\n|---|---|---:|---:|---:|');
for (const tickMs of [10_000, 1_000]) {
  for (const { name, jobsAt } of LOADS) {
    const { requests, writes } = await anHour(tickMs, jobsAt);
    const share = `${((requests / 4500) * 100).toFixed(0)} %`;
    console.log(`| every ${tickMs / 1000} s | ${name} | ${requests} | ${share} | ${writes} |`);
  }
}

async function anHour(
  tickMs: number,
  jobsAt: (ms: number, tick: number) => number,
): Promise<{ readonly requests: number; readonly writes: number }> {
  const clock = new FakeClock();
  const platform = await startPlatform({
    clock,
    apps: [{ name: 'my-app', formation: [{ type: 'worker', quantity: 3 }] }],
  });
  const world = new InMemoryPorts();
  const formation = herokuFormation({
    appName: 'my-app',
    token: platform.token,
    baseUrl: platform.url,
    clock,
  });
  const ports = { ...world.ports, formation, clock };
  let carried: Carried;
  let requests = 0;
  let writes = 0;
  for (let ms = 0; ms < HOUR_MS; ms += tickMs) {
    const before = platform.requests.length;
    world.backlogs = [backlog({ queues: [queue({ waiting: jobsAt(ms, ms / tickMs) })] })];
    ({ carried } = await reconcile(
      { ports, tickMs, signal: new AbortController().signal },
      [settings],
      carried,
    ));
    // The log of the platform is bounded; an hour is not longer.
    const made = platform.requests.slice(before);
    requests += made.length;
    writes += made.filter(({ method }) => method === 'PATCH').length;
    clock.at += tickMs;
  }
  await platform.close();
  return { requests, writes };
}
