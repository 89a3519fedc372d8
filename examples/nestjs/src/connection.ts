import { BullModule } from '@nestjs/bullmq';

export const MAIL = 'mail';

/** The queues of the app, for the web process and the workers. */
export const QUEUES = [
  BullModule.forRoot({ connection: { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' } }),
  BullModule.registerQueue({ name: MAIL }),
];
