import { expect, test } from 'vitest';

import { memoryJournal } from '../../src/adapters/dry-run/memory-journal.ts';
import type { Notice } from '../../src/journal/alarm.ts';
import { Failure } from '../../src/failure.ts';
import { recorder } from '../../src/reporting/recorder.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { reconcile } from '../../src/control/reconcile.ts';
import type { Journal, Kept, Notifier } from '../../src/ports.ts';
import { broken, processType, InMemoryPorts } from '../support/ports.ts';

const context = { appName: 'my-app', timeZone: 'UTC' };
const TICK_MS = 10_000;
const never = new AbortController().signal;

/** A recorder on this journal, and what it reported of its failures. */
function recording(journal: Journal, notifier?: Notifier) {
  const failures: string[] = [];
  const records = recorder(journal, notifier, context, (what, failure) =>
    failures.push(`${what} ${failure?.code ?? 'ok'}`),
  );
  return { records, failures };
}

async function tickOf(world: InMemoryPorts): Promise<Tick> {
  const { tick } = await reconcile(
    { ports: world.ports, tickMs: TICK_MS, signal: never },
    [processType()],
    undefined,
  );
  world.at += TICK_MS;
  return tick;
}

test('every tick is kept, with where things stand after it', async () => {
  const world = new InMemoryPorts();
  const journal = memoryJournal();
  const { records } = recording(journal);
  for (let i = 0; i < 3; i += 1) records.record(await tickOf(world));
  await records.done();
  expect(await journal.entries(10, never)).toHaveLength(3);
  expect((await journal.load(never))?.status).toMatchObject({ ticks: { decided: 3 }, tickMs: TICK_MS });
  expect(records.latest()?.status.ticks).toEqual({ decided: 3 });
});

test('goes on from what was kept before', async () => {
  const world = new InMemoryPorts();
  const journal = memoryJournal();
  for (let i = 0; i < 2; i += 1) {
    const { records } = recording(journal);
    records.record(await tickOf(world));
    await records.done();
  }
  expect((await journal.load(never))?.status.ticks).toEqual({ decided: 2 });
});

test('a saved status that is invalid is reported, and the next tick starts a new one', async () => {
  const world = new InMemoryPorts();
  const journal = memoryJournal();
  const kept = { status: { types: 7 }, alarms: {} } as unknown as Kept;
  const { records, failures } = recording({ ...journal, load: async () => kept });
  records.record(await tickOf(world));
  await records.done();
  expect(failures).toEqual(['journal UNEXPECTED']);
  records.record(await tickOf(world));
  await records.done();
  expect(failures).toEqual(['journal UNEXPECTED', 'journal ok']);
  expect((await journal.load(never))?.status.ticks).toEqual({ decided: 1 });
});

test('a journal that fails disturbs nothing, and is reported', async () => {
  const journal = { ...memoryJournal(), record: async () => await Promise.reject(broken) };
  const { records, failures } = recording(journal);
  records.record(await tickOf(new InMemoryPorts()));
  await records.done();
  expect(failures).toEqual(['journal REDIS_UNREACHABLE']);
  expect(records.latest()?.status.ticks).toEqual({ decided: 1 });
});

test('a journal that hangs holds up no tick, and a few wait for it at most', async () => {
  let recorded = 0;
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const journal: Journal = {
    ...memoryJournal(),
    record: async () => {
      recorded += 1;
      await gate;
    },
  };
  const { records } = recording(journal);
  const world = new InMemoryPorts();
  for (let i = 0; i < 20; i += 1) records.record(await tickOf(world));
  release();
  await records.done();
  expect(recorded).toBe(5);
});

test('a notice that Redis is gone is sent although Redis is gone', async () => {
  const gone: Journal = {
    ...memoryJournal(),
    load: async () => await Promise.reject(broken),
    record: async () => await Promise.reject(broken),
  };
  const notices: Notice[] = [];
  const { records } = recording(gone, { notify: async (more) => void notices.push(...more) });
  const world = new InMemoryPorts();
  world.backlogs = broken;
  for (let i = 0; i < 4; i += 1) {
    records.record(await tickOf(world));
    await records.done();
  }
  expect(notices.map(({ kind }) => kind)).toEqual(['blind']);
});

test('a notice that cannot be delivered is reported, and the tick is kept', async () => {
  const journal = memoryJournal();
  const lost = new Failure('NOTIFY_FAILED', 'a notice could not be delivered', 'Look.');
  const { records, failures } = recording(journal, { notify: async () => await Promise.reject(lost) });
  const world = new InMemoryPorts();
  world.backlogs = broken;
  for (let i = 0; i < 3; i += 1) {
    records.record(await tickOf(world));
    await records.done();
  }
  expect(failures).toEqual(['journal ok', 'journal ok', 'journal ok', 'notices NOTIFY_FAILED']);
  expect(await journal.entries(10, never)).toHaveLength(3);
});

test('what the clock that took over wrote meanwhile is gone on from', async () => {
  const world = new InMemoryPorts();
  const journal = memoryJournal();
  const [one, two] = [recording(journal).records, recording(journal).records];
  for (const [records, held] of [
    [one, 'kept'],
    [one, 'standby'],
    [two, 'kept'],
    [two, 'kept'],
    [one, 'kept'],
  ] as const) {
    world.held = held;
    records.record(await tickOf(world));
    await records.done();
  }
  expect((await journal.load(never))?.status.ticks).toEqual({ decided: 4 });
});
