import { expect, test } from 'vitest';

import { parseWorkerName } from '../../src/core/worker-name.ts';

test.each<{ name: string; dyno: string; split: ReturnType<typeof parseWorkerName> }>([
  { name: 'Cedar', dyno: 'worker.3', split: { type: 'worker', ordinal: 3 } },
  { name: 'Cedar, a type with dashes', dyno: 'high-mail.12', split: { type: 'high-mail', ordinal: 12 } },
  { name: 'Fir', dyno: 'worker-12a34b56d-e78f9', split: { type: 'worker', ordinal: undefined } },
  {
    name: 'Fir, a type with dashes',
    dyno: 'high-mail-12a34b56d-e78f9',
    split: { type: 'high-mail', ordinal: undefined },
  },
  {
    name: 'Fir, as its API names dynos',
    dyno: 'web.4ed720fa31-ur8z1',
    split: { type: 'web', ordinal: undefined },
  },
  { name: 'a word', dyno: 'worker', split: undefined },
  { name: 'number zero', dyno: 'worker.0', split: undefined },
  { name: 'a number no formation reaches', dyno: 'worker.100000', split: undefined },
  { name: 'a number in another notation', dyno: 'worker.1e9', split: undefined },
  { name: 'no type', dyno: '.3', split: undefined },
])('$name: $dyno', ({ dyno, split }) => {
  expect(parseWorkerName(dyno)).toEqual(split);
});
