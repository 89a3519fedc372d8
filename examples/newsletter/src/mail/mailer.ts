import { createTransport } from 'nodemailer';

import { findCampaign, type Campaign } from '../store/campaigns.ts';
import type { Store } from '../store/store.ts';

export type Mailer = {
  /** Resolves once the mail server has taken it. Throws nodemailer's error, or one for a campaign that is gone. */
  send(campaignId: number, subscriberId: number, to: string): Promise<void>;
  close(): void;
};

const CAMPAIGNS_KEPT = 20;
const FROM = 'The Newsletter <news@example.com>';

/** Over connections that are kept, as many as there are jobs at a time. */
export function openMailer(smtpUrl: string, store: Store, connections: number): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
  });
  const campaigns = new Map<number, Campaign>();
  const campaignOf = async (id: number): Promise<Campaign> => {
    const campaign = campaigns.get(id) ?? (await findCampaign(store, id));
    if (campaign === undefined) throw new Error(`there is no campaign ${id}`);
    campaigns.set(id, campaign);
    for (const oldest of [...campaigns.keys()].slice(0, -CAMPAIGNS_KEPT)) campaigns.delete(oldest);
    return campaign;
  };
  return {
    send: async (campaignId, subscriberId, to) => {
      const { subject, body } = await campaignOf(campaignId);
      await transport.sendMail({
        from: FROM,
        to,
        subject,
        text: body,
        messageId: `<${campaignId}.${subscriberId}@example.com>`,
      });
    },
    close: () => transport.close(),
  };
}
