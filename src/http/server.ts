import { gzip } from 'node:zlib';
import { promisify } from 'node:util';

import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';

import type { HttpSettings } from '../config/settings.ts';
import { failureOf, type Failure } from '../failure.ts';
import { loadAssets } from './assets.ts';
import { boundedServer } from './connections.ts';
import { Gate, type Guess } from './gate.ts';
import { SECURITY_HEADERS } from './guard.ts';
import { Live } from './live.ts';
import { actionRoutes } from './routes-actions.ts';
import { dataRoutes } from './routes-data.ts';
import { signInRoutes } from './routes-sign-in.ts';
import { sendAsset, takesGzip } from './send-asset.ts';
import { OPEN, type HttpPorts, type Site } from './site.ts';
import { insistOnTls } from './transport.ts';
import { viewOf } from './view.ts';

export type HttpServer = {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  close(): Promise<void>;
};

/** What is worth a line in the log. */
export type HttpLog = {
  /** What the clock wrote could not be read. */
  readonly failed: (failure: Failure) => void;
  readonly guessed: (guess: Guess) => void;
};

const BODY_BYTES = 10_000;
const ANSWER_MS = 5000;
const LOOK_MS = 1000;
const COMPRESS_BYTES = 1000;

/** Serves the dashboard, the metrics and the state as JSON. Throws when it cannot listen. */
export async function startServer(
  ports: HttpPorts,
  { host, port, token, herokuRouter }: HttpSettings,
  { failed, guessed }: HttpLog,
): Promise<HttpServer> {
  const app = fastify({ bodyLimit: BODY_BYTES, serverFactory: boundedServer, trustProxy: false });
  const signal = (): AbortSignal => AbortSignal.timeout(ANSWER_MS);
  const site: Site = {
    app,
    ports,
    gate: new Gate({ token, herokuRouter, now: () => ports.clock.now(), guessed }),
    assets: await loadAssets(),
    live: new Live(async () => JSON.stringify(await viewOf(ports, signal())), LOOK_MS),
    signal,
  };

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    // Awaited, not returned: an answer that is sent ends the request here.
    await insistOnTls(request, reply);
    if (!reply.sent && !isOpen(request.routeOptions.config)) await site.gate.admit(request, reply);
  });
  app.addHook('onSend', async (request, reply, payload) => await compressed(request, reply, payload));
  app.setErrorHandler(async (thrown, _request, reply) => {
    const status = statusOf(thrown);
    if (status < 500) return await reply.code(status).send({ error: 'the request is not well formed' });
    const failure = failureOf(thrown);
    failed(failure);
    return await reply.code(503).send({ error: failure.message, code: failure.code, remedy: failure.remedy });
  });

  for (const asset of site.assets.files.values()) {
    app.get(asset.path, OPEN, async (request, reply) => await sendAsset(asset, request, reply));
  }
  signInRoutes(site);
  dataRoutes(site);
  actionRoutes(site);

  await app.listen({ host: host.replace(/^\[|\]$/g, ''), port });
  const [address] = app.addresses();
  return {
    url: `http://${host}:${typeof address === 'object' ? address.port : port}`,
    close: async () => {
      site.live.close();
      // Connections that are kept alive would hold up the end.
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function isOpen(config: unknown): boolean {
  return typeof config === 'object' && config !== null && 'open' in config && config.open === true;
}

function statusOf(thrown: unknown): number {
  const has = typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown;
  return has && typeof thrown.statusCode === 'number' ? thrown.statusCode : 500;
}

async function compressed(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || payload.length < COMPRESS_BYTES || !takesGzip(request)) return payload;
  reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding').removeHeader('content-length');
  return await promisify(gzip)(payload);
}
