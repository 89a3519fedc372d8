import * as v from 'valibot';

import { csvLines } from '../reports/lines.ts';
import { makeReport } from '../reports/make.ts';
import { deliveriesAfter } from '../store/deliveries.ts';
import type { Store } from '../store/store.ts';
import { task } from './task.ts';

/** Rows a query, so that neither the worker nor the database holds more than one page of a report of any length. */
const PAGE = 1000;

export const makeCampaignReport = task({
  name: 'make-report',
  queue: 'default',
  args: v.object({
    campaignId: v.pipe(v.number(), v.integer(), v.minValue(1)),
    run: v.pipe(v.string(), v.uuid()),
  }),
  // Somebody waits for it and can ask again; what was sent cannot be sent again.
  attempts: 1,
  backoffMs: 0,
  kept: 1000,
  run: async ({ campaignId, run }, { store, redis }) =>
    await makeReport(redis, run, (signal) => campaignLines(store, campaignId, signal)),
});

/** The rows; the web dyno sends the header itself, as that needs no worker. */
async function* campaignLines(store: Store, campaignId: number, signal: AbortSignal): AsyncGenerator<string> {
  for (let lastId = 0; !signal.aborted;) {
    const rows = await deliveriesAfter(store, campaignId, lastId, PAGE);
    if (rows.length > 0) yield csvLines(rows);
    lastId = rows.at(-1)?.id ?? lastId;
    if (rows.length < PAGE) return;
  }
}
