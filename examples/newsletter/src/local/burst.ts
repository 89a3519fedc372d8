import { setTimeout as delay } from 'node:timers/promises';

import type { Progress } from '../store/campaigns.ts';
import { SCALED_QUEUES } from '../queues/names.ts';
import { runOriginRule } from './origin-rule.ts';
import { poll } from './poll.ts';
import { APP, startLocalApp, type LocalApp } from './local-app.ts';
import { runTrickle } from './trickle.ts';

export type Scaling = 'fixed' | 'origin' | 'drover';

/** How many times faster than on Heroku everything runs. */
export const SCALE = 10;
const BOOT_MS = 30_000 / SCALE;
const MAIL_MS = 1_000 / SCALE;
const ORIGIN_TICK_MS = 600_000 / SCALE;
/** A burst comes, on average, half-way through an interval. */
const ORIGIN_FIRST_MS = ORIGIN_TICK_MS / 2;
/** A welcome mail every three seconds. */
const TRICKLE_MS = 3_000 / SCALE;
const WORKERS = 3;
const SETTLED_MS = 120_000;

export type BurstResult = {
  /** From the request that sends it to the last e-mail at the mail server. */
  readonly deliveredMs: number;
  /** The same by the app's own figures, null when not all is recorded. */
  readonly recordedSeconds: number | null;
  readonly mostDynos: number;
  /** Worker dynos times seconds, from the request until the formation is at its minimum again. */
  readonly dynoSeconds: number;
  /** E-mails submitted one by one beside the burst. */
  readonly trickled: number;
  readonly twice: number;
  readonly kills: number;
};

export type BurstOptions = {
  readonly mails: number;
  readonly scaling: Scaling;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Called twice a second with the e-mails delivered and the worker dynos. */
  readonly onProgress: (delivered: number, dynos: number) => void;
};

/**
 * Sends one campaign to this many subscribers, through the app's web dyno and its workers, beside a trickle of other
 * work.
 */
export async function runBurst({
  mails,
  scaling,
  signal,
  say,
  onProgress,
}: BurstOptions): Promise<BurstResult> {
  const app = await startLocalApp({ bootMs: BOOT_MS, mailMs: MAIL_MS, config: CONFIG, say });
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const { platform } = app;
  try {
    signal.throwIfAborted();
    await addSubscribers(app, mails);
    platform.setQuantity(APP, 'web', 1);
    platform.setQuantity(APP, 'worker', WORKERS);
    if (scaling === 'drover') platform.setQuantity(APP, 'clock', 1);
    await allUp(app, signal);
    if (scaling === 'drover') say(`  Drover's dashboard: ${app.url('clock')}`);

    const trickle = runTrickle(app, TRICKLE_MS, until);
    // Its error is thrown where it is awaited.
    trickle.catch(() => {});
    const dynoSecondsBefore = platform.dynoSeconds(APP, 'worker');
    const startedAt = performance.now();
    const { id } = await sendCampaign(app);
    const rule =
      scaling === 'origin' ? runOriginRule(app, ORIGIN_FIRST_MS, ORIGIN_TICK_MS, until) : undefined;
    let mostDynos = 0;
    const watching = watch(until, () => {
      mostDynos = Math.max(mostDynos, dynos(app));
      onProgress(app.sink.delivered(id), dynos(app));
    });
    const lastAt = await app.sink.waitFor(id, mails, signal);
    const recordedSeconds = await poll('the last delivery to be recorded', 60_000, async () => {
      const reply = await fetch(`${app.url('web')}/campaigns/${id}`);
      return ((await reply.json()) as Progress).secondsToDeliver ?? undefined;
    });
    const settled = (): true | undefined => (dynos(app) === WORKERS ? true : undefined);
    await poll('the formation to be at its minimum', SETTLED_MS, settled, signal);
    const dynoSeconds = platform.dynoSeconds(APP, 'worker') - dynoSecondsBefore;
    over.abort();
    await Promise.all([watching, rule]);
    return {
      trickled: (await trickle).mails,
      deliveredMs: lastAt - startedAt,
      recordedSeconds,
      mostDynos,
      dynoSeconds,
      twice: [...app.sink.arrived.values()].filter((times) => times > 1).length,
      kills: platform.kills,
    };
  } finally {
    over.abort();
    await app.close();
  }
}

/** The app's config vars for Drover; times are divided by SCALE. */
const CONFIG: Readonly<Record<string, string>> = {
  QUEUES: SCALED_QUEUES.join(','),
  WORKER_CONCURRENCY: '1',
  MIN_WORKERS: String(WORKERS),
  MAX_WORKERS: '50',
  JOBS_PER_WORKER: '100',
  SCHEDULE: '* * * * * *',
  SCALE_DOWN_DELAY_SECONDS: String(60 / SCALE),
  MANUAL_HOLD_SECONDS: '0',
  DASHBOARD: 'true',
};

async function addSubscribers({ store }: LocalApp, count: number): Promise<void> {
  await store.query(
    `insert into subscribers (email) select 'reader' || n || '@example.com' from generate_series(1, $1::int) n`,
    [count],
  );
}

async function allUp(app: LocalApp, signal: AbortSignal): Promise<void> {
  const up = async (): Promise<true | undefined> => {
    if (app.platform.dynos(APP).some(({ state }) => state !== 'up')) return undefined;
    const urls = app.platform
      .dynos(APP)
      .filter(({ type }) => type !== 'worker')
      .map(({ type }) => `${app.url(type)}/${type === 'web' ? 'campaigns' : 'healthz'}`);
    const replies = await Promise.all(urls.map(async (url) => await fetch(url).catch(() => undefined)));
    return replies.every((reply) => reply?.ok) ? true : undefined;
  };
  await poll('every dyno to be up', 60_000, up, signal);
}

async function sendCampaign(app: LocalApp): Promise<{ id: number }> {
  const reply = await fetch(`${app.url('web')}/campaigns`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ subject: 'News', body: 'What happened this week.\n'.repeat(20) }),
  });
  if (reply.status !== 202) throw new Error(`the campaign was answered with ${reply.status}`);
  return (await reply.json()) as { id: number };
}

function dynos({ platform }: LocalApp): number {
  return platform.dynos(APP).filter(({ type }) => type === 'worker').length;
}

async function watch(signal: AbortSignal, report: () => void): Promise<void> {
  for (;;) {
    report();
    if (signal.aborted) return;
    await delay(500, null, { signal }).catch(() => {});
  }
}
