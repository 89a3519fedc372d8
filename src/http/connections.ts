import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';

/** A client that has not sent its headers, or its whole request, by then is disconnected at the next check. */
const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
const CHECK_MS = 2000;
/** As long for one that reads nothing of its answer; streams of events have a bound of their own. */
const SILENCE_MS = 30_000;
/** Above the 90 s of Heroku's router, so that no request goes to a connection that is being closed here. */
const KEEP_ALIVE_MS = 95_000;

const MOST_CONNECTIONS = 200;
const LEAST_CONNECTIONS = 8;
/** What systems with no /proc allow by default, at the least. */
const USUAL_DESCRIPTORS = 256;

/** A server that no number of slow clients can make use up what the clock in the same process needs. */
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
 * A quarter of the descriptors: Node itself takes some twenty, connections to Redis and Heroku a few, and an address
 * such as `localhost` may need two servers.
 */
function mostConnections(descriptorLimit: number): number {
  return Math.max(LEAST_CONNECTIONS, Math.min(MOST_CONNECTIONS, Math.floor(descriptorLimit / 4)));
}

/** The soft limit of this process, which Node raises to the hard one when it starts. */
function descriptors(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Number(soft ?? USUAL_DESCRIPTORS);
  } catch {
    return USUAL_DESCRIPTORS;
  }
}
