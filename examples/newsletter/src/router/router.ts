import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Heroku's codes. H12: no byte of a reply in time. H15: a reply that fell silent. H18: the dyno broke a reply off.
 * H27: the client went away. H13: the dyno closed the connection without a reply.
 */
export type RouterCode = 'H12' | 'H13' | 'H15' | 'H18' | 'H27';

export type RouterEntry = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Absent: nothing went wrong. */
  readonly code?: RouterCode;
};

export type RouterOptions = {
  /** Where the dyno listens. */
  readonly to: string;
  /** From the end of the request to the first byte of the reply; Heroku's is 30 000. */
  readonly firstByteMs?: number;
  /** Between two bytes from then on; Heroku's is 55 000. */
  readonly silenceMs?: number;
};

export type Router = { readonly url: string; readonly log: readonly RouterEntry[]; close(): Promise<void> };

/** A proxy with the two rules of Heroku's router about time. */
export async function startRouter({
  to,
  firstByteMs = 30_000,
  silenceMs = 55_000,
}: RouterOptions): Promise<Router> {
  const log: RouterEntry[] = [];
  const server = createServer((client, reply) => {
    pass(client, reply, { to, firstByteMs, silenceMs }, (entry) => log.push(entry));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function pass(
  client: IncomingMessage,
  reply: ServerResponse,
  { to, firstByteMs, silenceMs }: Required<RouterOptions>,
  tell: (entry: RouterEntry) => void,
): void {
  const { method = 'GET', url: path = '/', headers } = client;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const dyno = httpRequest(new URL(path, to), { method, headers, agent: false });
  const end = (status: number, code?: RouterCode): void => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    tell(code === undefined ? { method, path, status } : { method, path, status, code });
    if (code === undefined) return;
    if (reply.headersSent || code === 'H27') reply.destroy();
    else reply.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Application error</h1>');
    dyno.destroy();
  };
  const within = (ms: number, code: RouterCode): void => {
    clearTimeout(timer);
    timer = setTimeout(() => end(503, code), ms);
  };

  client.pipe(dyno);
  client.on('end', () => within(firstByteMs, 'H12'));
  dyno.on('error', () => end(503, 'H13'));
  reply.on('close', () => {
    if (!reply.writableFinished) end(499, 'H27');
  });
  dyno.on('response', (answer) => {
    const status = answer.statusCode ?? 502;
    reply.writeHead(status, answer.headers);
    reply.flushHeaders();
    within(silenceMs, 'H15');
    // By hand, as the silence of the dyno counts and not that of a slow client.
    answer.on('data', (bytes: Buffer) => {
      within(silenceMs, 'H15');
      if (reply.write(bytes)) return;
      answer.pause();
      clearTimeout(timer);
      reply.once('drain', () => {
        answer.resume();
        within(silenceMs, 'H15');
      });
    });
    answer.on('end', () => {
      end(status);
      reply.end();
    });
    answer.on('error', () => end(status, 'H18'));
  });
}
