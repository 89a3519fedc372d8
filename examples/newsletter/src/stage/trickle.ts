import { setTimeout as delay } from 'node:timers/promises';

import { createCampaign } from '../store/campaigns.ts';
import type { Stage } from './stage.ts';

/**
 * What goes on beside a burst, handed in as the app's own pages would: a welcome mail every `everyMs` to the first of the
 * subscribers, one after the other, and an import for each fifth. Resolves when the signal aborts; with how many mails.
 */
export async function runTrickle(
  stage: Stage,
  everyMs: number,
  signal: AbortSignal,
): Promise<{ readonly mails: number; readonly campaignId: number }> {
  const campaignId = await createCampaign(stage.store, 'Welcome', 'Good to have you here.');
  let mails = 0;
  while (!signal.aborted) {
    mails += 1;
    const email = `reader${mails}@example.com`;
    await handIn(stage, 'deliver-mail', { campaignId, subscriberId: mails, email });
    if (mails % 5 === 0) await handIn(stage, 'import-subscribers', { emails: [email] });
    await delay(everyMs, null, { signal }).catch(() => {});
  }
  return { mails, campaignId };
}

async function handIn(stage: Stage, type: string, args: unknown): Promise<void> {
  const reply = await fetch(`${stage.url('web')}/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type, args }),
  });
  if (reply.status !== 202) throw new Error(`${type} was answered with ${reply.status}`);
}
