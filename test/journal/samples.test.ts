import { expect, test } from 'vitest';

import { samplesOf } from '../../src/journal/samples.ts';
import { blindEntry, decidedEntry, entry, queueEntry } from '../support/entries.ts';

test('a tick is one line of figures with units, without unknown ones', () => {
  const queues = [
    queueEntry({ name: 'mail', ready: 40, active: 5, waitMs: 12_340 }),
    queueEntry({ name: 'bulk', ready: 2 }),
  ];
  const types = [decidedEntry({ queues, quantity: 3, to: 4 }), blindEntry('mailer')];
  const line = samplesOf({ ...entry(0, types), tookMs: 41.7 }, 'my-app');
  expect(line.split(' ')).toEqual([
    'source=my-app',
    'measure#drover.tick=42ms',
    'sample#drover.worker.blind=0',
    'sample#drover.worker.ready=42',
    'sample#drover.worker.active=5',
    'sample#drover.worker.wait=12.3s',
    'sample#drover.worker.dynos=3',
    'sample#drover.worker.wanted=4',
    'sample#drover.mailer.blind=1',
  ]);
  expect(samplesOf({ ...entry(0), requestsLeft: 4321 }, 'my-app')).toContain(
    ' sample#drover.heroku.requests_left=4321 ',
  );
});
