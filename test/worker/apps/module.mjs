/** A user's worker process as an ES module. */
import { Worker } from 'bullmq';
import { cooperate } from 'drover/worker';

const worker = new Worker('mail', async () => 'done', {
  connection: { port: Number(process.env.REDIS_PORT) },
});
cooperate(worker);
