import type { Store } from './store.ts';

export type Campaign = { readonly id: number; readonly subject: string; readonly body: string };

export type Progress = {
  readonly id: number;
  readonly subject: string;
  readonly audience: number;
  readonly delivered: number;
  /** From the request to send it to the last e-mail handed over; null until then. */
  readonly secondsToDeliver: number | null;
};

export type Subscriber = { readonly id: number; readonly email: string };

/** For everybody who can be reached now. */
export async function createCampaign(store: Store, subject: string, body: string): Promise<number> {
  const [row] = await store.query<{ id: string }>(
    `insert into campaigns (subject, body, audience)
     values ($1, $2, (select count(*) from subscribers where state <> 'invalid')) returning id`,
    [subject, body],
  );
  return Number(row?.id);
}

export async function findCampaign(store: Store, id: number): Promise<Campaign | undefined> {
  const [row] = await store.query<{ subject: string; body: string }>(
    'select subject, body from campaigns where id = $1',
    [id],
  );
  return row && { id, ...row };
}

const PROGRESS = `
  select c.id, c.subject, c.audience, count(d.id)::int as delivered,
         case when count(d.id) >= c.audience and c.audience > 0
              then extract(epoch from max(d.delivered_at) - c.sent_at)::float8 end as seconds
  from campaigns c left join deliveries d on d.campaign_id = c.id`;

type ProgressRow = {
  readonly id: string;
  readonly subject: string;
  readonly audience: number;
  readonly delivered: number;
  readonly seconds: number | null;
};

export async function campaignProgress(store: Store, id: number): Promise<Progress | undefined> {
  const [row] = await store.query<ProgressRow>(`${PROGRESS} where c.id = $1 group by c.id`, [id]);
  return row && progress(row);
}

/** The newest first, all in one query: a query for each would be the N+1 of which test/queries.test.ts tells. */
export async function newestCampaigns(store: Store, most: number): Promise<readonly Progress[]> {
  const rows = await store.query<ProgressRow>(
    `${PROGRESS} where c.id in (select id from campaigns order by id desc limit $1) group by c.id order by c.id desc`,
    [most],
  );
  return rows.map(progress);
}

function progress({ id, subject, audience, delivered, seconds }: ProgressRow): Progress {
  return { id: Number(id), subject, audience, delivered, secondsToDeliver: seconds };
}

/** One page of those who can be reached, after the last of the page before. */
export async function subscribersAfter(
  store: Store,
  lastId: number,
  most: number,
): Promise<readonly Subscriber[]> {
  const rows = await store.query<{ id: string; email: string }>(
    `select id, email from subscribers where id > $1 and state <> 'invalid' order by id limit $2`,
    [lastId, most],
  );
  return rows.map(({ id, email }) => ({ id: Number(id), email }));
}
