import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';

import { campaignProgress, createCampaign, newestCampaigns } from '../store/campaigns.ts';
import { sendCampaign } from '../tasks/send-campaign.ts';
import type { Parts } from './server.ts';
import { idOf, wellFormed } from './wellformed.ts';

const CAMPAIGNS_SHOWN = 50;

const NewCampaign = v.strictObject({
  subject: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  body: v.pipe(v.string(), v.maxLength(100_000)),
});

export function campaignRoutes(server: FastifyInstance, { store, tasks }: Parts): void {
  server.get('/campaigns', async () => await newestCampaigns(store, CAMPAIGNS_SHOWN));

  server.post('/campaigns', async (request, reply) => {
    const { subject, body } = wellFormed(NewCampaign, request.body);
    const campaignId = await createCampaign(store, subject, body);
    await tasks.add(sendCampaign, { id: `campaign-${campaignId}`, args: { campaignId } });
    return await reply.code(202).send({ id: campaignId });
  });

  server.get('/campaigns/:id', async (request, reply) => {
    const progress = await campaignProgress(store, idOf(request));
    return progress ?? (await reply.code(404).send({ error: 'NOT_FOUND' }));
  });
}
