import type { RouteContext } from './route-context.ts';
import { refuse } from './security.ts';
import { wantedOf } from './wanted.ts';

/** What KEDA's `metrics-api` trigger reads. A number that is not fresh is 503, so that KEDA keeps the replicas. */
export function wantedRoutes({ app, apps, signal }: RouteContext): void {
  app.get<{ Params: { processType: string } }>('/workers/:processType', async (request, reply) => {
    const ports = apps.of(request);
    const kept = await ports.journal.load(signal());
    const found = wantedOf(kept?.status, request.params.processType, ports.clock.now());
    reply.header('cache-control', 'no-store');
    switch (found.kind) {
      case 'wanted':
        return await reply.send({ wanted: found.count });
      case 'missing':
        return await refuse(reply, 404, 'no such process type');
      case 'unknown':
        return await refuse(reply, 503, `not known: ${found.words}`);
      default:
        return found satisfies never;
    }
  });
}
