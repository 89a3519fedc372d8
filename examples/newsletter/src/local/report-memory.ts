/**
 * The memory that a long report takes: a million rows of the real table go from the worker through Redis and the web dyno
 * to a client behind the router; prints the memory of both processes at every tenth.
 *
 *   npm run report-memory [-- <rows>]
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { startRouter } from '../router/router.ts';
import { poll } from './poll.ts';
import { APP, startLocalApp, type LocalApp } from './local-app.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
if (!Number.isInteger(rows) || rows < 10) {
  console.error('the number of rows must be a whole number of at least 10');
  process.exit(2);
}

const app = await startLocalApp({ bootMs: 0, mailMs: 0, say: (line) => console.log(line) });
try {
  await fill(app);
  app.platform.setQuantity(APP, 'web', 1);
  app.platform.setQuantity(APP, 'worker', 1);
  await poll(
    'the app to answer',
    30_000,
    async () => (await fetch(`${app.url('web')}/campaigns`).catch(() => undefined))?.ok,
  );
  const router = await startRouter({ to: app.url('web') });
  await download(`${router.url}/reports/1.csv`);
  await router.close();
} finally {
  await app.close();
}

async function fill({ store }: LocalApp): Promise<void> {
  await store.query(`insert into campaigns (subject, body, audience) values ('News', '', $1)`, [rows]);
  await store.query(
    `insert into deliveries (campaign_id, subscriber_id, email, attempts)
     select 1, n, 'reader' || n || '@example.com', 1 from generate_series(1, $1::int) n`,
    [rows],
  );
}

async function download(url: string): Promise<void> {
  console.log('     rows     seconds   MB sent   web MB   worker MB');
  const startedAt = performance.now();
  const reply = await fetch(url);
  let lines = -1;
  let bytes = 0;
  let nextAt = rows / 10;
  for await (const part of reply.body ?? []) {
    for (const byte of part) if (byte === 10) lines += 1;
    bytes += part.length;
    if (lines < nextAt) continue;
    nextAt += rows / 10;
    const cells = [
      lines.toLocaleString('en').padStart(9),
      ((performance.now() - startedAt) / 1000).toFixed(1).padStart(11),
      (bytes / 1e6).toFixed(1).padStart(9),
      String(await residentMb('web')).padStart(8),
      String(await residentMb('worker')).padStart(11),
    ];
    console.log(cells.join(' '));
  }
  if (lines !== rows) throw new Error(`${lines} rows arrived instead of ${rows}`);
}

async function residentMb(type: string): Promise<number> {
  const pid = app.platform.dynos(APP).find((dyno) => dyno.type === type)?.pid;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Math.round((Number(stdout) * 1024) / 1e6);
}
