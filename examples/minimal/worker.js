import { Worker } from 'bullmq';
import { cooperate } from 'drover/worker';

const connection = { url: process.env.REDIS_URL };
const worker = new Worker('mail', async (job) => console.log(`sent to ${job.data.to}`), { connection });
worker.on('error', console.error);
cooperate(worker);
