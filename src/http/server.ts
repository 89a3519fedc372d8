import { gzip } from 'node:zlib';
import { promisify } from 'node:util';

import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';

import type { HttpSettings } from '../config/settings.ts';
import { failureOf, type Failure } from '../failure.ts';
import { AccessControl, type AuthFailure } from './access.ts';
import { loadAssets } from './assets.ts';
import { boundedServer } from './connections.ts';
import { EventStream } from './event-stream.ts';
import { Apps, PUBLIC, type HttpPorts, type RouteContext } from './route-context.ts';
import { actionRoutes } from './routes-actions.ts';
import { dataRoutes } from './routes-data.ts';
import { wantedRoutes } from './routes-wanted.ts';
import { signInRoutes } from './routes-sign-in.ts';
import { refuse, SECURITY_HEADERS } from './security.ts';
import { acceptsGzip, sendAsset } from './send-asset.ts';
import { requireHttps } from './transport.ts';
import { viewOf } from './view.ts';

export type HttpServer = {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  close(): Promise<void>;
};

/** Receives what belongs in the log. */
export type HttpLog = {
  /** The clock's state could not be read. */
  readonly failed: (failure: Failure) => void;
  readonly authFailed: (failure: AuthFailure) => void;
};

const BODY_BYTES = 10_000;
const ANSWER_MS = 5000;
const EVENT_MS = 1000;
const COMPRESS_FROM_BYTES = 1000;

/** Serves the dashboard, the metrics and the state of each app as JSON. Throws when it cannot listen. */
export async function startServer(
  served: readonly HttpPorts[],
  { host, port, token, herokuRouter }: HttpSettings,
  { failed, authFailed }: HttpLog,
): Promise<HttpServer> {
  const app = fastify({ bodyLimit: BODY_BYTES, serverFactory: boundedServer, trustProxy: false });
  const signal = (): AbortSignal => AbortSignal.timeout(ANSWER_MS);
  const apps = new Apps(served);
  const events = new Map(
    served.map((ports) => {
      const shown = apps.shown(ports);
      const read = async (): Promise<string> => JSON.stringify(await viewOf(ports, shown, signal()));
      return [ports, new EventStream(read, EVENT_MS, JSON.stringify({ apps: shown }))];
    }),
  );
  const context: RouteContext = {
    app,
    apps,
    access: new AccessControl({ token, herokuRouter, now: () => apps.now(), authFailed }),
    assets: await loadAssets(),
    events,
    signal,
  };

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    // Awaited, not returned: a reply that was sent ends the request here.
    await requireHttps(request, reply);
    if (!reply.sent && !isPublic(request.routeOptions.config)) await context.access.admit(request, reply);
    if (!reply.sent && apps.isUnknown(request))
      await refuse(reply, 404, `no such app: this clock scales ${apps.names?.join(', ')}`);
  });
  app.addHook('onSend', async (request, reply, payload) => await compressed(request, reply, payload));
  app.setErrorHandler(async (thrown, _request, reply) => {
    const status = statusOf(thrown);
    if (status < 500) return await reply.code(status).send({ error: 'malformed request' });
    const failure = failureOf(thrown);
    failed(failure);
    return await reply.code(503).send({ error: failure.message, code: failure.code, remedy: failure.remedy });
  });

  app.setNotFoundHandler(async (_request, reply) => await refuse(reply, 404, 'no such path'));

  for (const asset of context.assets.files.values()) {
    app.get(asset.path, PUBLIC, async (request, reply) => await sendAsset(asset, request, reply));
  }
  signInRoutes(context);
  dataRoutes(context);
  actionRoutes(context);
  if (apps.all.some(({ publishes }) => publishes === true)) wantedRoutes(context);

  await app.listen({ host: host.replace(/^\[|\]$/g, ''), port });
  const [address] = app.addresses();
  return {
    url: `http://${host}:${typeof address === 'object' ? address.port : port}`,
    close: async () => {
      for (const stream of events.values()) stream.close();
      // Idle keep-alive connections would delay the shutdown.
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function isPublic(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'public' in config && config.public === true;
}

function statusOf(thrown: unknown): number {
  const has = typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown;
  return has && typeof thrown.statusCode === 'number' ? thrown.statusCode : 500;
}

async function compressed(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || payload.length < COMPRESS_FROM_BYTES || !acceptsGzip(request))
    return payload;
  reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding').removeHeader('content-length');
  return await promisify(gzip)(payload);
}
