import fc from 'fast-check';
import { expect, test } from 'vitest';

import { IntQueue } from '../../src/sim/int-queue.ts';
import { TimeHeap } from '../../src/sim/time-heap.ts';

const times = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 300 });

test('a time heap gives back what was put in, earliest first', () => {
  fc.assert(
    fc.property(times, (ats) => {
      const heap = new TimeHeap(1);
      for (const [id, at] of ats.entries()) heap.push(at, id);
      const popped: number[] = [];
      while (heap.size > 0) {
        expect(ats[heap.nextId]).toBe(heap.nextAt);
        popped.push(heap.pop());
      }
      expect(popped.map((id) => ats[id])).toEqual(ats.toSorted((a, b) => a - b));
      expect(new Set(popped).size).toBe(ats.length);
      expect([heap.pop(), heap.nextId, heap.nextAt]).toEqual([-1, -1, Infinity]);
    }),
  );
});

test('a time heap counts up to a moment as a filter does', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 1000 }), (ats, until) => {
      const heap = new TimeHeap();
      for (const [id, at] of ats.entries()) heap.push(at, id);
      expect(heap.countUntil(until)).toBe(ats.filter((at) => at <= until).length);
    }),
  );
});

test('an int queue does as an array does', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), value: fc.nat() }),
    fc.record({ kind: fc.constant('unshift' as const), value: fc.nat() }),
    fc.record({ kind: fc.constant('shift' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const queue = new IntQueue();
      const model: number[] = [];
      for (const taken of steps) {
        let got = [0, 0];
        if (taken.kind === 'push') {
          queue.push(taken.value);
          model.push(taken.value);
        } else if (taken.kind === 'unshift') {
          queue.unshift(taken.value);
          model.unshift(taken.value);
        } else got = [queue.shift(), model.shift() ?? -1];
        expect(got[0]).toBe(got[1]);
        expect([queue.size, queue.first, queue.last]).toEqual([
          model.length,
          model[0] ?? -1,
          model.at(-1) ?? -1,
        ]);
      }
    }),
  );
});
