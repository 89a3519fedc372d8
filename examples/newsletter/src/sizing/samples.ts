import sharp from 'sharp';

import { startMailSink } from '../mail/sink.ts';
import { startRedisServer } from 'drover/standin';
import { Closers } from '../local/closers.ts';
import { createCampaign } from '../store/campaigns.ts';
import { startEmbeddedDatabase } from '../store/embedded.ts';
import { keepPicture } from '../store/pictures.ts';
import { openPostgres } from '../store/postgres.ts';
import { createTables } from '../store/tables.ts';

/** How long the mail server takes, as a real one. */
const MAIL_MS = 100;

export type JobSample = { readonly task: string; readonly args: unknown };

/** Two jobs of the app with what they need around them: one that mostly waits, and one that mostly computes. */
export async function withSamples(
  use: (samples: readonly JobSample[], env: NodeJS.ProcessEnv) => Promise<void>,
): Promise<void> {
  const closers = new Closers();
  try {
    const redis = await startRedisServer({ say: (line) => console.log(line) });
    closers.add(async () => await redis.stop());
    const database = await startEmbeddedDatabase();
    closers.add(async () => await database.stop());
    const sink = await startMailSink(MAIL_MS);
    closers.add(async () => await sink.close());
    const store = openPostgres(database.url, { timeoutMs: 60_000, connections: 1 });
    closers.add(async () => await store.close());
    await createTables(store);
    const campaignId = await createCampaign(store, 'News', 'What happened this week.\n'.repeat(20));
    await keepPicture(store, 'lighthouse', await noisyPhoto());
    await use(
      [
        { task: 'deliver-mail', args: { campaignId, subscriberId: 1, email: 'reader1@example.com' } },
        { task: 'resize-picture', args: { name: 'lighthouse', width: 640 } },
      ],
      { ...process.env, REDIS_URL: redis.url, DATABASE_URL: database.url, SMTP_URL: sink.url },
    );
  } finally {
    await closers.closeAll();
  }
}

/** As large as a phone takes it. */
async function noisyPhoto(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  return await sharp({ create: { width: 4032, height: 3024, channels: 3, background: '#888', noise } })
    .jpeg({ quality: 80 })
    .toBuffer();
}
