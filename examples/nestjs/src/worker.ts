import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { cooperate } from 'drover/worker';

import { QUEUES } from './connection.js';
import { MailProcessor } from './mail.processor.js';

@Module({ imports: QUEUES, providers: [MailProcessor] })
class WorkerModule {}

const app = await NestFactory.createApplicationContext(WorkerModule);
app.enableShutdownHooks();
// The processors have their workers once the context is there.
cooperate([app.get(MailProcessor).worker]);
