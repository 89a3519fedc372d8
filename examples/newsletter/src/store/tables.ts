import type { Store } from './store.ts';

const TABLES = [
  `create table if not exists subscribers (
     id bigint generated always as identity primary key,
     email text not null unique,
     state text not null default 'unknown')`,
  `create table if not exists campaigns (
     id bigint generated always as identity primary key,
     subject text not null,
     body text not null,
     audience integer not null,
     sent_at timestamptz not null default now())`,
  `create table if not exists deliveries (
     id bigint generated always as identity primary key,
     campaign_id bigint not null references campaigns (id),
     subscriber_id bigint not null,
     email text not null,
     attempts integer not null,
     delivered_at timestamptz not null default now(),
     unique (campaign_id, subscriber_id))`,
  `create index if not exists deliveries_by_campaign on deliveries (campaign_id, id)`,
  `create table if not exists pictures (
     name text primary key,
     body bytea not null)`,
  `create table if not exists resized_pictures (
     name text not null references pictures (name) on delete cascade,
     width integer not null,
     body bytea not null,
     asked_at timestamptz not null default now(),
     primary key (name, width))`,
] as const;

/** Harmless when repeated. */
export async function createTables(store: Store): Promise<void> {
  for (const statement of TABLES) await store.query(statement);
}
