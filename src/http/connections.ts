import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';

/** A client that has not sent its headers, or its whole request, within these times is disconnected at the next check. */
const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
const CHECK_MS = 2000;
/** The same for a client that does not read its response. Event streams have a bound of their own. */
const SILENCE_MS = 30_000;
/** Longer than the 90 s of Heroku's router, so that it never sends a request on a connection that closes here. */
const KEEP_ALIVE_MS = 95_000;

const MOST_CONNECTIONS = 200;
const LEAST_CONNECTIONS = 8;
/** The lowest default among systems without /proc. */
const DEFAULT_DESCRIPTORS = 256;

/** A server whose slow clients cannot exhaust the descriptors that the clock in the same process needs. */
export function boundedServer(listener: RequestListener): Server {
  const server = createServer(
    { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS },
    listener,
  );
  server.setTimeout(SILENCE_MS);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = mostConnections(descriptors());
  return server;
}

/**
 * A quarter of the descriptors: Node takes about twenty, connections to Redis and the platform a few, and a host such as
 * `localhost` may resolve to two addresses, each with a server of its own.
 */
function mostConnections(descriptorLimit: number): number {
  return Math.max(LEAST_CONNECTIONS, Math.min(MOST_CONNECTIONS, Math.floor(descriptorLimit / 4)));
}

/** The soft limit of this process, which Node raises to the hard one when it starts. */
function descriptors(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Number(soft ?? DEFAULT_DESCRIPTORS);
  } catch {
    return DEFAULT_DESCRIPTORS;
  }
}
