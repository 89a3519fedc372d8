import { healthOf } from '../journal/status.ts';
import { refuse } from './guard.ts';
import { metricsText } from './metrics.ts';
import { RANGES, seriesOf, type Range } from './series.ts';
import { sendAsset } from './send-asset.ts';
import { shared } from './shared.ts';
import { OPEN, type Site } from './site.ts';
import { viewOf } from './view.ts';

const HOUR_ENTRIES = 720;
/** How long one look at the clock's health serves all who ask. */
const HEALTH_MS = 1000;

const STREAM = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would keep events back to send more at once.
  'x-accel-buffering': 'no',
} as const;

export function dataRoutes({ app, gate, ports, assets, live, signal }: Site): void {
  app.get('/', async (request, reply) => await sendAsset(assets.pages.dashboard, request, reply));

  const healthNow = shared(
    async () =>
      await ports.journal.load(signal()).then(
        (kept) => healthOf(kept?.status, ports.clock.now()),
        () => ({ ok: false, words: 'what the clock wrote cannot be read' }),
      ),
    HEALTH_MS,
    () => ports.clock.now(),
  );
  app.get('/healthz', OPEN, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    // Open to all, so the answer is no more than well or not, and why in a word, and costs Redis next to nothing.
    const { ok, words } = await healthNow();
    return ok ? await reply.send({ ok }) : await refuse(reply, 503, words);
  });

  app.get('/status', async (_request, reply) => {
    const view = await viewOf(ports, signal());
    const health = healthOf(view.status ?? undefined, ports.clock.now());
    return await reply.header('cache-control', 'no-store').send({ health, ...view });
  });

  app.get<{ Querystring: { range?: string } }>('/history', async ({ query }, reply) => {
    const range = query.range ?? 'hour';
    if (!isRange(range)) return await refuse(reply, 400, `range is one of ${Object.keys(RANGES).join(', ')}`);
    const { spanMs, bucketMs } = RANGES[range];
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
    const view = await viewOf(ports, signal());
    const { text, type } = await metricsText(
      view.status ?? undefined,
      view.pause !== null,
      ports.clock.now(),
    );
    return await reply.type(type).header('cache-control', 'no-store').send(text);
  });

  // What would begin a stream has nothing to say without a body.
  app.head('/events', async (_request, reply) => {
    await reply.headers(STREAM).send();
  });
  app.get('/events', { exposeHeadRoute: false }, async (request, reply) => {
    if (live.full) return await refuse(reply, 503, 'too many listen already');
    reply.hijack();
    request.raw.socket.setTimeout(0);
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      ...STREAM,
    });
    live.add(reply.raw, () => gate.stillIn(request));
    return reply;
  });
}

function isRange(text: string): text is Range {
  return Object.hasOwn(RANGES, text);
}
