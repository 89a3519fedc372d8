import { setTimeout as delay } from 'node:timers/promises';

import { createCampaign } from '../store/campaigns.ts';
import type { LocalApp } from './local-app.ts';

/**
 * The work beside a burst, submitted over HTTP: every `everyMs` a welcome mail to the next subscriber, and after every
 * fifth an import. When the signal aborts, resolves with the number of mails.
 */
export async function runTrickle(
  app: LocalApp,
  everyMs: number,
  signal: AbortSignal,
): Promise<{ readonly mails: number; readonly campaignId: number }> {
  const campaignId = await createCampaign(app.store, 'Welcome', 'Good to have you here.');
  let mails = 0;
  while (!signal.aborted) {
    mails += 1;
    const email = `reader${mails}@example.com`;
    await submit(app, 'deliver-mail', { campaignId, subscriberId: mails, email });
    if (mails % 5 === 0) await submit(app, 'import-subscribers', { emails: [email] });
    await delay(everyMs, null, { signal }).catch(() => {});
  }
  return { mails, campaignId };
}

async function submit(app: LocalApp, type: string, args: unknown): Promise<void> {
  const reply = await fetch(`${app.url('web')}/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type, args }),
  });
  if (reply.status !== 202) throw new Error(`${type} was answered with ${reply.status}`);
}
