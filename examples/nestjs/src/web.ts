import 'reflect-metadata';
import { InjectQueue } from '@nestjs/bullmq';
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Queue } from 'bullmq';

import { MAIL, QUEUES } from './connection.js';

@Controller('mails')
class MailsController {
  constructor(@InjectQueue(MAIL) private readonly queue: Queue) {}

  @Post()
  @HttpCode(202)
  async send(@Body() { to }: { to: string }): Promise<{ id: string | undefined }> {
    const { id } = await this.queue.add('send', { to });
    return { id };
  }
}

@Module({ imports: QUEUES, controllers: [MailsController] })
class WebModule {}

const app = await NestFactory.create(WebModule);
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, process.env['HOST'] ?? '0.0.0.0');
