import type { Store } from './store.ts';

export async function isDelivered(store: Store, campaignId: number, subscriberId: number): Promise<boolean> {
  const rows = await store.query('select 1 from deliveries where campaign_id = $1 and subscriber_id = $2', [
    campaignId,
    subscriberId,
  ]);
  return rows.length > 0;
}

export type Delivery = {
  readonly campaignId: number;
  readonly subscriberId: number;
  readonly email: string;
  readonly attempts: number;
};

/** Harmless when repeated. */
export async function recordDelivery(store: Store, delivery: Delivery): Promise<void> {
  await store.query(
    `insert into deliveries (campaign_id, subscriber_id, email, attempts) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [delivery.campaignId, delivery.subscriberId, delivery.email, delivery.attempts],
  );
}

export type DeliveryRow = {
  readonly id: number;
  readonly subscriber: number;
  readonly email: string;
  readonly attempts: number;
  readonly deliveredAt: string;
};

/** One page of a campaign's deliveries, after the last of the page before. */
export async function deliveriesAfter(
  store: Store,
  campaignId: number,
  lastId: number,
  most: number,
): Promise<readonly DeliveryRow[]> {
  const rows = await store.query<{
    id: string;
    subscriber_id: string;
    email: string;
    attempts: number;
    delivered_at: Date;
  }>(
    `select id, subscriber_id, email, attempts, delivered_at from deliveries
     where campaign_id = $1 and id > $2 order by id limit $3`,
    [campaignId, lastId, most],
  );
  return rows.map((row) => ({
    id: Number(row.id),
    subscriber: Number(row.subscriber_id),
    email: row.email,
    attempts: row.attempts,
    deliveredAt: row.delivered_at.toISOString(),
  }));
}
