import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { SMTPServer } from 'smtp-server';

export type MailSink = {
  /** What to set SMTP_URL to. */
  readonly url: string;
  /** How often each e-mail arrived, by its Message-ID. */
  readonly arrived: ReadonlyMap<string, number>;
  /** Different e-mails of a campaign that have arrived. */
  delivered(campaignId: number): number;
  /** Waits for that many different e-mails of a campaign; the time of the last, as `performance.now()`. */
  waitFor(campaignId: number, mails: number, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
};

/** A mail server that takes everything, as slowly as a real one, and keeps only what it counts. */
export async function startMailSink(answerMs: number): Promise<MailSink> {
  const arrived = new Map<string, number>();
  const campaigns = new Map<number, { delivered: number; lastAt: number }>();
  let onArrival: () => void = () => {};
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    onData: (stream, _session, callback) => {
      let head = '';
      stream.on('data', (chunk: Buffer) => {
        if (head.length < 4096) head += chunk.toString('latin1');
      });
      stream.on('end', () => {
        setTimeout(() => {
          const id = /^message-id:\s*<([^>]+)>/im.exec(head)?.[1] ?? 'no id';
          if (!arrived.has(id)) {
            // The mailer's ids begin with the campaign's.
            const campaign = Number.parseInt(id, 10);
            const delivered = (campaigns.get(campaign)?.delivered ?? 0) + 1;
            campaigns.set(campaign, { delivered, lastAt: performance.now() });
          }
          arrived.set(id, (arrived.get(id) ?? 0) + 1);
          onArrival();
          callback();
        }, answerMs);
      });
    },
  });
  // Connections of workers that are stopped break off; that is theirs to tell.
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    arrived,
    delivered: (campaignId) => campaigns.get(campaignId)?.delivered ?? 0,
    waitFor: async (campaignId, mails, signal) => {
      // An abort that has happened is no event any more.
      signal.throwIfAborted();
      return await new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        onArrival = () => {
          const campaign = campaigns.get(campaignId);
          if (campaign !== undefined && campaign.delivered >= mails) resolve(campaign.lastAt);
        };
        onArrival();
      });
    },
    close: async () => await new Promise((resolve) => server.close(resolve)),
  };
}
