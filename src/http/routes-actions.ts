import type { FastifyReply, FastifyRequest } from 'fastify';

import type { RouteContext } from './route-context.ts';
import { refuse } from './security.ts';

const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 365 * 24 * 3_600_000;

/** Pause and resume: from our own page, or from a program with the token. */
export function actionRoutes({ app, access, apps, signal }: RouteContext): void {
  const preHandler = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!access.mayChange(request)) await refuse(reply, 403, 'same-origin request or bearer token required');
    else if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
      await refuse(reply, 415, 'content-type must be application/json');
  };

  app.post('/pause', { preHandler }, async (request, reply) => {
    const forMs = forMsOf(request.body);
    if (forMs === 'invalid')
      return await refuse(
        reply,
        400,
        `forMs must be a number of milliseconds, ${SHORTEST_PAUSE_MS} to ${LONGEST_PAUSE_MS}`,
      );
    const ports = apps.of(request);
    const at = ports.clock.now();
    const pause = { by: 'the dashboard', ...(forMs === undefined ? {} : { until: at + forMs }) };
    await ports.pause.set(pause, at, signal());
    return await reply.send({ pause });
  });

  app.post('/resume', { preHandler }, async (request, reply) => {
    await apps.of(request).pause.clear(signal());
    return await reply.send({ pause: null });
  });
}

function forMsOf(body: unknown): number | undefined | 'invalid' {
  if (typeof body !== 'object' || body === null) return 'invalid';
  const forMs = 'forMs' in body ? body.forMs : undefined;
  if (forMs === undefined) return undefined;
  return typeof forMs === 'number' && forMs >= SHORTEST_PAUSE_MS && forMs <= LONGEST_PAUSE_MS
    ? forMs
    : 'invalid';
}
