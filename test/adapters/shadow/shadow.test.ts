import { beforeEach, describe, expect, test } from 'vitest';

import { afterShadow } from '../../../src/adapters/shadow/after-shadow.ts';
import { shadowOf } from '../../../src/adapters/shadow/shadow.ts';
import { decidedOf, type Tick } from '../../../src/control/outcome.ts';
import { reconcile, type Carried } from '../../../src/control/reconcile.ts';
import type { Ports } from '../../../src/ports.ts';
import { entryOf } from '../../../src/reporting/entry-of.ts';
import { describe as describeOutcome } from '../../../src/reporting/describe.ts';
import { backlog, InMemoryPorts, processType, queue } from '../../support/ports.ts';

const TICK_MS = 10_000;
const settings = processType({ scaleDownDelayMs: 0 });
const { signal } = new AbortController();

let real: InMemoryPorts;
let ports: Ports;
let carried: Carried;

beforeEach(() => {
  real = new InMemoryPorts();
  restart();
});

/** A new process: nothing but what was saved is known. */
function restart(): void {
  ports = { ...real.ports, ...shadowOf(real.ports) };
  carried = undefined;
}

async function tick(waiting: number, active = 0, holders = new Map<string | null, number>()): Promise<Tick> {
  real.at += TICK_MS;
  real.backlogs = [backlog({ queues: [queue({ waiting, active, added: waiting })], holders })];
  const result = await reconcile({ ports, tickMs: TICK_MS, signal }, [settings], carried);
  carried = result.carried;
  return result.tick;
}

function quantities(seen: Tick): {
  from: number | undefined;
  to: number | undefined;
  actual: number | undefined;
} {
  const decided = seen.outcomes[0] && decidedOf(seen.outcomes[0]);
  return { from: decided?.decision.from, to: decided?.decision.to, actual: decided?.formation.actual };
}

describe('a shadow', () => {
  test('follows what was decided, beside the quantity of the platform', async () => {
    expect(quantities(await tick(700))).toEqual({ from: 3, to: 7, actual: 3 });
    expect(quantities(await tick(1200))).toEqual({ from: 7, to: 12, actual: 3 });
    real.quantity = 5;
    expect(quantities(await tick(0))).toEqual({ from: 12, to: 0, actual: 5 });
    expect([real.resizes, real.quantity]).toEqual([[], 5]);
  });

  test('says so in the log and in the journal', async () => {
    const seen = await tick(700);
    expect(seen.outcomes.map(describeOutcome)).toEqual([
      expect.stringMatching(/^worker: would set 7 \(shadow\): /),
    ]);
    expect(entryOf(seen).types).toMatchObject([{ quantity: 7, from: 3, actual: 3, result: 'shadow' }]);
  });

  test('does not take the platform’s changes for manual ones', async () => {
    await tick(700);
    real.quantity = 20;
    expect(quantities(await tick(900))).toEqual({ from: 7, to: 9, actual: 20 });
  });

  test('continues after a restart with the quantity it had', async () => {
    await tick(700);
    restart();
    expect(quantities(await tick(700))).toEqual({ from: 7, to: 7, actual: 3 });
  });

  test('keeps the dynos that run jobs, as far as it has them', async () => {
    real.quantity = 9;
    // The first quantity that is read counts as a peak until the next tick.
    await tick(0, 1, new Map([['worker.6', 1]]));
    expect(quantities(await tick(0, 1, new Map([['worker.6', 1]])))).toMatchObject({ from: 9, to: 6 });
    expect(quantities(await tick(0, 1, new Map([['worker.8', 1]])))).toMatchObject({ from: 6, to: 6 });
  });

  test('sends workers no drain request, and counts those it would drain as drained', async () => {
    const at = 1;
    const dynos = [1, 2, 3].map((number) => `worker.${number}`);
    real.workers = {
      reports: dynos.map((dyno) => ({
        dyno,
        ageMs: 0,
        concurrency: 1,
        bootedAt: at,
        readyAt: at,
        readyMs: 60_000,
      })),
    };
    await tick(300);
    const busy = new Map(dynos.map((dyno) => [dyno, 1]));
    const seen = [await tick(0, 3, busy), await tick(0, 3, busy), await tick(0, 0), await tick(0, 0)].map(
      quantities,
    );
    expect(seen.at(-1)).toMatchObject({ to: 0 });
    expect(real.steps).toEqual([]);
  });

  test('leaves a clock that acts what it learned of jobs and workers, and neither a quantity nor a manual change', async () => {
    const report = { dyno: 'worker.1', ageMs: 0, concurrency: 4, bootedAt: 1, readyAt: 1, readyMs: 60_000 };
    real.workers = { reports: [report] };
    for (const added of [700, 800, 900]) await tick(added, 4);
    const learned = [...real.kept.values()][0]?.memory.queues;
    expect(learned).not.toEqual([]);
    const acting = new InMemoryPorts();
    Object.assign(acting, { at: real.at, quantity: 3, backlogs: real.backlogs });
    ports = { ...acting.ports, store: afterShadow(acting.ports.store, real.ports.store) };
    const unset = { ...settings, concurrency: undefined };
    const first = await reconcile({ ports, tickMs: TICK_MS, signal }, [unset], undefined);
    const decided = first.tick.outcomes[0] && decidedOf(first.tick.outcomes[0]);
    expect(decided).toMatchObject({
      kind: 'resized',
      policy: { concurrency: 4 },
      decision: { from: 3, to: 9 },
    });
    expect([...acting.kept.values()][0]).toMatchObject({
      memory: { queues: learned?.map(([name]) => [name, expect.anything()]) },
      scaling: { concurrency: { value: 4 } },
    });
    // From here on, its own state counts.
    acting.quantity = 20;
    const second = await reconcile({ ports, tickMs: TICK_MS, signal }, [unset], undefined);
    expect(second.tick.outcomes).toMatchObject([{ kind: 'held', hold: { kind: 'manual' } }]);
  });

  test('leaves a clock that acts workers that are all up, however few it would have had', async () => {
    for (let tick10s = 0; tick10s < 9; tick10s += 1) await tick(0);
    expect([...real.kept.values()][0]?.memory.capacity.quantity).toBeLessThan(3);
    const acting = new InMemoryPorts();
    Object.assign(acting, { at: real.at, quantity: 3, backlogs: real.backlogs });
    ports = { ...acting.ports, store: afterShadow(acting.ports.store, real.ports.store) };
    await reconcile({ ports, tickMs: TICK_MS, signal }, [{ ...settings, min: 3 }], undefined);
    expect([...acting.kept.values()][0]?.memory.capacity).toEqual({ quantity: 3, booting: [] });
  });

  test('has its drain request expire as the workers’ would', async () => {
    const shadow = shadowOf(real.ports).workers;
    const step = { kind: 'ask', limit: 1 } as const;
    await shadow.write({ processType: 'worker', request: undefined, step, forMs: 1000 }, signal);
    real.workers = { reports: [{ dyno: 'worker.1', ageMs: 0, concurrency: 1, bootedAt: 1 }] };
    expect((await shadow.read(['worker'], signal)).get('worker')?.request).toMatchObject({ limit: 1 });
    real.at += 1000;
    expect((await shadow.read(['worker'], signal)).get('worker')?.request).toBeUndefined();
  });
});
