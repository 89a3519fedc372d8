import { afterEach, beforeEach, expect, test } from 'vitest';

import { FAULTS } from '../support/faults/faults.ts';
import { Rig, type RigDrover, TICK_MS } from '../support/faults/rig.ts';

let rig: Rig;
let drover: RigDrover;

beforeEach(async () => {
  rig = await Rig.start();
  drover = await rig.drover('a');
});
afterEach(async () => {
  await drover.end();
  await rig.stop();
});

async function ticks(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    rig.clock.pass(TICK_MS);
    await drover.tick();
  }
}

function kinds(): string[] {
  return drover.ticks.flatMap(({ outcomes }) =>
    outcomes.map((outcome) =>
      outcome.kind === 'blind' ? 'blind' : outcome.failure === undefined ? 'decided' : 'failed',
    ),
  );
}

test.each(FAULTS)('$name: $effect, told once, over within two ticks', async (fault) => {
  await rig.setWaiting(950);
  await ticks(2);
  expect(rig.quantity).toBe(10);
  drover.ticks.length = 0;
  drover.lines.length = 0;
  rig.acts.length = 0;

  // Whoever took an unread queue for an empty one would go down to the minimum now.
  await rig.setWaiting(820);
  await fault.start(rig, drover);
  const lasts = Math.min(3, fault.longest ?? 3);
  await ticks(lasts);
  const during = kinds();
  const written = rig.acts.map(({ resize }) => resize.to);
  if (fault.effect === 'blind') {
    expect(during).toEqual(Array.from({ length: lasts }, () => 'blind'));
    expect(rig.quantity).toBe(10);
    expect(written).toEqual([]);
  } else if (fault.effect === 'cannot act') {
    expect(during).toEqual(Array.from({ length: lasts }, () => 'failed'));
    expect(rig.quantity).toBe(10);
  } else {
    expect(rig.quantity).toBe(9);
  }

  await fault.end(rig, drover);
  if (fault.reconnects) await drover.reconnected();
  await rig.setWaiting(1250);
  await ticks(2);
  expect(rig.quantity).toBe(13);
  expect(kinds().at(-1)).toBe('decided');
  const warnings = drover.lines.filter((line) => line.startsWith('warn'));
  const over = drover.lines.filter((line) => line.startsWith('info over'));
  if (fault.effect !== 'goes on') {
    expect(new Set(warnings).size).toBe(warnings.length);
    expect(warnings.length).toBeGreaterThan(0);
  }
  expect(over.length).toBeGreaterThanOrEqual(Math.min(1, warnings.length));
});
