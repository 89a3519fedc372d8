import { healthOf } from '../journal/status.ts';
import { coalesce } from './coalesce.ts';
import { metricsText } from './metrics.ts';
import { PUBLIC, type RouteContext } from './route-context.ts';
import { refuse } from './security.ts';
import { RANGES, seriesOf, type Range } from './series.ts';
import { sendAsset } from './send-asset.ts';
import { viewOf } from './view.ts';

const HOUR_ENTRIES = 720;
/** How long one reading of the clock's health answers all requests. */
const HEALTH_MS = 1000;

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would buffer events.
  'x-accel-buffering': 'no',
} as const;

/** The dashboard's page, and everything to read behind it. */
export function dataRoutes({ app, access, apps, assets, events, signal }: RouteContext): void {
  app.get('/', async (request, reply) => await sendAsset(assets.pages.dashboard, request, reply));

  const readHealth = coalesce(
    async () => {
      const each = await Promise.all(
        apps.all.map(
          async ({ journal, clock }) =>
            await journal.load(signal()).then(
              (kept) => healthOf(kept?.status, clock.now()),
              () => ({ ok: false, words: "cannot read the clock's state" }),
            ),
        ),
      );
      const [first, ...others] = each.filter(({ ok }) => !ok);
      return { ok: first === undefined, words: withCount(first?.words ?? 'ok', others.length) };
    },
    HEALTH_MS,
    () => apps.now(),
  );
  app.get('/healthz', PUBLIC, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    // Public, so it says no more than healthy or why not, and reads Redis at most once a second.
    const { ok, words } = await readHealth();
    return ok ? await reply.send({ ok }) : await refuse(reply, 503, words);
  });

  app.get('/status', async (request, reply) => {
    const ports = apps.of(request);
    const view = await viewOf(ports, apps.shown(ports), signal());
    const health = healthOf(view.status ?? undefined, ports.clock.now());
    return await reply.header('cache-control', 'no-store').send({ health, ...view });
  });

  app.get<{ Querystring: { range?: string } }>('/history', async (request, reply) => {
    const range = request.query.range ?? 'hour';
    if (!isRange(range))
      return await refuse(reply, 400, `range must be one of ${Object.keys(RANGES).join(', ')}`);
    const { spanMs, bucketMs } = RANGES[range];
    const ports = apps.of(request);
    const now = ports.clock.now();
    const [history, entries] = await Promise.all([
      ports.journal.history(now - spanMs, now, signal()),
      range === 'hour' ? ports.journal.entries(HOUR_ENTRIES, signal()) : [],
    ]);
    const recent = entries.filter(({ at }) => at >= now - spanMs);
    const series = seriesOf(history, recent, bucketMs);
    return await reply
      .header('cache-control', 'no-store')
      .send({ from: (now - spanMs) / 1000, to: now / 1000, ...series });
  });

  app.get('/metrics', async (_request, reply) => {
    const views = await Promise.all(
      apps.all.map(async (ports) => {
        const view = await viewOf(ports, apps.shown(ports), signal()).catch((thrown: unknown) => {
          if (apps.names === undefined) throw thrown;
          // The other apps are scraped all the same.
          return undefined;
        });
        return {
          app: apps.names && ports.appName,
          status: view?.status ?? undefined,
          paused: view && view.pause !== null,
          publishes: ports.publishes,
        };
      }),
    );
    const { text, type } = await metricsText(views, apps.now());
    return await reply.type(type).header('cache-control', 'no-store').send(text);
  });

  // A hijacked response cannot answer HEAD, so HEAD has a route of its own.
  app.head('/events', async (_request, reply) => {
    await reply.headers(STREAM_HEADERS).send();
  });
  app.get('/events', { exposeHeadRoute: false }, async (request, reply) => {
    const stream = events.get(apps.of(request));
    if (stream === undefined || stream.full) return await refuse(reply, 503, 'too many event-stream clients');
    reply.hijack();
    request.raw.socket.setTimeout(0);
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      ...STREAM_HEADERS,
    });
    stream.add(reply.raw, () => access.stillAdmitted(request));
    return reply;
  });
}

/** Public, so it does not name the apps. */
function withCount(words: string, others: number): string {
  return others === 0 ? words : `${words}, and ${others} more`;
}

function isRange(text: string): text is Range {
  return Object.hasOwn(RANGES, text);
}
