import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';

import type { FastifyInstance } from 'fastify';

import { drip } from '../reports/drip.ts';
import { incoming } from '../reports/incoming.ts';
import { headerLine } from '../reports/lines.ts';
import { keepReading } from '../reports/pipe.ts';
import type { Settings } from '../settings.ts';
import { findCampaign } from '../store/campaigns.ts';
import { makeCampaignReport } from '../tasks/make-report.ts';
import type { Parts } from './server.ts';
import { idOf } from './wellformed.ts';

/** A report takes as long as it takes: a worker makes it, and this dyno sends what there is as it comes. */
export function reportRoutes(
  server: FastifyInstance,
  { store, redis, tasks }: Parts,
  { reportBeatMs }: Pick<Settings, 'reportBeatMs'>,
): void {
  server.get('/reports/:id(^\\d+).csv', async (request, reply) => {
    const campaignId = idOf(request);
    if ((await findCampaign(store, campaignId)) === undefined) {
      return await reply.code(404).send({ error: 'NOT_FOUND' });
    }
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());

    const run = randomUUID();
    await keepReading(redis, run);
    const job = await tasks.add(makeCampaignReport, { args: { campaignId, run } });
    const csv = drip(withHeader(incoming(redis, run, job, gone.signal)), reportBeatMs);
    // Up to the first byte a failure is an ordinary reply. After it, only a connection that breaks off can tell.
    const first = await csv.next();

    // From here on the time limit of a request does not apply, but the router's between two bytes.
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="campaign-${campaignId}.csv"`,
      'cache-control': 'no-store',
    });
    try {
      await pipeline(startingWith(first.done ? '' : first.value, csv), reply.raw);
    } catch (error) {
      if (!gone.signal.aborted) request.log.warn({ run, err: error }, 'a report broke off');
    }
    return reply;
  });
}

async function* withHeader(rows: AsyncIterable<string>): AsyncGenerator<string> {
  yield headerLine();
  yield* rows;
}

async function* startingWith(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
