import { expect, test } from 'vitest';

import { parseWorkerName } from '../src/worker-names.ts';

test.each<{ name: string; dyno: string; split: ReturnType<typeof parseWorkerName> }>([
  { name: 'Cedar', dyno: 'worker.3', split: { owner: 'worker', ordinal: 3 } },
  { name: 'Cedar, a type with dashes', dyno: 'high-mail.12', split: { owner: 'high-mail', ordinal: 12 } },
  { name: 'Fir', dyno: 'worker-12a34b56d-e78f9', split: { owner: 'worker', ordinal: undefined } },
  {
    name: 'Fir, a type with dashes',
    dyno: 'high-mail-12a34b56d-e78f9',
    split: { owner: 'high-mail', ordinal: undefined },
  },
  {
    name: 'Fir, as its API names dynos',
    dyno: 'web.4ed720fa31-ur8z1',
    split: { owner: 'web', ordinal: undefined },
  },
  {
    name: 'a Deployment',
    dyno: 'mail-worker-7d9f5c6b8-x2k4q',
    split: { owner: 'mail-worker', ordinal: undefined },
  },
  { name: 'the first of a StatefulSet', dyno: 'worker-0', split: { owner: 'worker', ordinal: 1 } },
  {
    name: 'the twelfth of a StatefulSet',
    dyno: 'mail-worker-11',
    split: { owner: 'mail-worker', ordinal: 12 },
  },
  { name: 'a number that StatefulSets do not write', dyno: 'worker-01', split: undefined },
  { name: 'a word', dyno: 'worker', split: undefined },
  { name: 'number zero', dyno: 'worker.0', split: undefined },
  { name: 'a number no formation reaches', dyno: 'worker.100000', split: undefined },
  { name: 'a number in another notation', dyno: 'worker.1e9', split: undefined },
  { name: 'no type', dyno: '.3', split: undefined },
])('$name: $dyno', ({ dyno, split }) => {
  expect(parseWorkerName(dyno)).toEqual(split);
});
