import * as v from 'valibot';

import { subscribersAfter } from '../store/campaigns.ts';
import { deliverMail } from './deliver-mail.ts';
import { task } from './task.ts';

const PAGE = 500;

/** Turns a campaign into one task for each e-mail, a page at a time, so the request that asks for it is quick. */
export const sendCampaign = task({
  name: 'send-campaign',
  queue: 'default',
  args: v.object({ campaignId: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  attempts: 5,
  backoffMs: 1000,
  kept: 1000,
  run: async ({ campaignId }, { store, tasks }) => {
    let mails = 0;
    for (let lastId = 0; ;) {
      const page = await subscribersAfter(store, lastId, PAGE);
      await tasks.addMany(
        deliverMail,
        page.map(({ id, email }) => ({
          // Should this run twice, the e-mails that are there already are not added again.
          id: `mail-${campaignId}-${id}`,
          args: { campaignId, subscriberId: id, email },
        })),
      );
      mails += page.length;
      lastId = page.at(-1)?.id ?? 0;
      if (page.length < PAGE) return { mails };
    }
  },
});
