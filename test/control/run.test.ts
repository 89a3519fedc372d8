import { expect, test } from 'vitest';

import type { Tick } from '../../src/control/outcome.ts';
import { run, untilNextMs } from '../../src/control/run.ts';
import type { Schedule } from '../../src/ports.ts';
import { processType, InMemoryPorts } from '../support/ports.ts';

/** Slots every `shortestMs` of the world's clock. */
function every(shortestMs: number, world: InMemoryPorts): Schedule {
  return { shortestMs, next: () => (Math.floor(world.at / shortestMs) + 1) * shortestMs };
}

async function runFor(
  world: InMemoryPorts,
  intervalMs: number,
  ticks: number,
  onTick: (tick: Tick) => void = () => {},
): Promise<Tick[]> {
  const stop = new AbortController();
  const seen: Tick[] = [];
  const loop = { ports: world.ports, schedule: every(intervalMs, world), signal: stop.signal };
  const collect = (tick: Tick): void => {
    seen.push(tick);
    onTick(tick);
    if (seen.length >= ticks) stop.abort();
  };
  await run({ ...loop, onTick: collect }, [processType()]);
  return seen;
}

test('ticks at once, then on every slot', async () => {
  const world = new InMemoryPorts();
  world.at = 1_003_000;
  const ticks = await runFor(world, 10_000, 4);
  expect(ticks.map(({ at }) => at)).toEqual([1_003_000, 1_010_000, 1_020_000, 1_030_000]);
});

test('slots that pass during a tick are left out, never caught up on', async () => {
  const world = new InMemoryPorts();
  world.at = 1_000_000;
  const ticks = await runFor(world, 10_000, 3, () => {
    world.at += 34_000;
  });
  expect(ticks.map(({ at }) => at)).toEqual([1_000_000, 1_040_000, 1_080_000]);
});

test('a clock set back an hour does not stop the ticks for an hour', async () => {
  const world = new InMemoryPorts();
  world.at = 10_000_000;
  const ticks = await runFor(world, 60_000, 3, ({ at }) => {
    if (at === 10_000_000) world.at -= 3_600_000;
  });
  expect(ticks.map(({ at }) => at)).toEqual([10_000_000, 6_420_000, 6_480_000]);
});

test('a tick that fails does not end the loop', async () => {
  const world = new InMemoryPorts();
  const { ports } = world;
  ports.backlog.read = async () => {
    throw new Error('gone');
  };
  const stop = new AbortController();
  let ticks = 0;
  const onTick = (): void => {
    ticks += 1;
    if (ticks === 100) stop.abort();
  };
  await run({ ports, schedule: every(1000, world), onTick, signal: stop.signal }, [processType()]);
  expect(ticks).toBe(100);
});

test('a tick that hangs ends with the signal', async () => {
  const world = new InMemoryPorts();
  const { ports } = world;
  const stop = new AbortController();
  ports.backlog.read = async (_selections, _at, signal) =>
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      stop.abort(new Error('asked to stop'));
    });
  let ticks = 0;
  const onTick = (): void => {
    ticks += 1;
  };
  await run({ ports, schedule: every(1000, world), onTick, signal: stop.signal }, [processType()]);
  expect(ticks).toBe(0);
});

test.each([
  { name: 'between slots', now: 1_003_000, nextMs: 10_000 },
  { name: 'at a slot', now: 1_000_000, nextMs: 10_000 },
  { name: 'before the night', now: 1_100_000, nextMs: 25_200_000 },
])('a tick looks ahead to the next slot: $name', ({ now, nextMs }) => {
  const schedule = { shortestMs: 10_000, next: () => (now < 1_100_000 ? 1_010_000 : now + 25_200_000) };
  expect(untilNextMs(schedule, now)).toBe(nextMs);
});
