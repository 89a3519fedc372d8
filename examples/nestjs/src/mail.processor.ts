import { setTimeout as delay } from 'node:timers/promises';

import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';

import { MAIL } from './connection.js';

@Processor(MAIL, { concurrency: 5 })
export class MailProcessor extends WorkerHost {
  readonly #logger = new Logger(MailProcessor.name);

  async process(job: Job<{ to: string }>): Promise<void> {
    // In the place of a mail server.
    await delay(1000);
    this.#logger.log(`sent to ${job.data.to}`);
  }
}
