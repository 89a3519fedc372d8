/** A user's worker process in CommonJS. */
const { Worker } = require('bullmq');
const { cooperate } = require('drover/worker');

const worker = new Worker('mail', async () => 'done', {
  connection: { port: Number(process.env.REDIS_PORT) },
});
cooperate(worker);
