import type { Store } from './store.ts';

export const NAME = /^[a-z0-9-]{1,100}$/;
export const WIDEST = 2000;

/** What was resized before goes with the picture that it was made from. */
export async function keepPicture(store: Store, name: string, body: Buffer): Promise<void> {
  await store.query(
    `with gone as (delete from resized_pictures where name = $1)
     insert into pictures (name, body) values ($1, $2) on conflict (name) do update set body = excluded.body`,
    [name, body],
  );
}

export async function findPicture(store: Store, name: string): Promise<Buffer | undefined> {
  const [row] = await store.query<{ body: Buffer }>('select body from pictures where name = $1', [name]);
  return row?.body;
}

export async function hasPicture(store: Store, name: string): Promise<boolean> {
  return (await store.query('select 1 from pictures where name = $1', [name])).length > 0;
}

/** In webp; records that it was requested. */
export async function findResized(store: Store, name: string, width: number): Promise<Buffer | undefined> {
  const [row] = await store.query<{ body: Buffer }>(
    'update resized_pictures set asked_at = now() where name = $1 and width = $2 returning body',
    [name, width],
  );
  return row?.body;
}

export async function keepResized(store: Store, name: string, width: number, body: Buffer): Promise<void> {
  await store.query(
    `insert into resized_pictures (name, width, body) values ($1, $2, $3)
     on conflict (name, width) do update set body = excluded.body`,
    [name, width, body],
  );
}

/** How many were removed. */
export async function forgetResized(store: Store, unaskedForDays: number): Promise<number> {
  const rows = await store.query(
    `delete from resized_pictures where asked_at < now() - make_interval(days => $1) returning name`,
    [unaskedForDays],
  );
  return rows.length;
}
