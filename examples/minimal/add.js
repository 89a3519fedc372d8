import { Queue } from 'bullmq';

const queue = new Queue('mail', { connection: { url: process.env.REDIS_URL } });
await queue.add('send', { to: process.argv[2] ?? 'ada@example.com' });
await queue.close();
