import * as v from 'valibot';

import { isDelivered, recordDelivery } from '../store/deliveries.ts';
import { task } from './task.ts';

const id = v.pipe(v.number(), v.integer(), v.minValue(1));

export const deliverMail = task({
  name: 'deliver-mail',
  queue: 'high',
  args: v.object({ campaignId: id, subscriberId: id, email: v.pipe(v.string(), v.email()) }),
  attempts: 8,
  backoffMs: 2000,
  kept: 1000,
  run: async ({ campaignId, subscriberId, email }, { store, mailer }, { attempt }) => {
    // A subscriber gets it twice only if a worker is lost between sending and recording.
    if (attempt > 1 && (await isDelivered(store, campaignId, subscriberId))) return { delivered: 'before' };
    await mailer.send(campaignId, subscriberId, email);
    await recordDelivery(store, { campaignId, subscriberId, email, attempts: attempt });
    return { delivered: 'now' };
  },
});
