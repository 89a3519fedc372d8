import fastify from 'fastify';

import { judoscaleRule, type JudoscaleSettings } from '../../src/sim/peers/judoscale.ts';

/** What judoscale-node-core 2.5.5 posts: `[epoch seconds, value, identifier, queue]` for each metric. */
type Report = { readonly metrics: readonly (readonly [number, number, string, string | null])[] };

/** The process type that is scaled, and its bounds. `path` is that of the Platform API. */
export type ScaledFormation = {
  readonly baseUrl: string;
  readonly path: string;
  readonly token: string;
  readonly min: number;
  readonly max: number;
};

export type JudoscaleService = {
  /** Set it as JUDOSCALE_URL. */
  readonly url: string;
  /** The queues that reports have named. */
  readonly queues: ReadonlySet<string>;
  /** One run of the algorithm; without a report since the last, it changes nothing. Throws if a request fails. */
  evaluate(at: number): Promise<void>;
  close(): Promise<void>;
};

/** Stands for Judoscale's servers on loopback: receives its adapter's reports and scales by its documented rule. */
export async function startJudoscale(
  settings: JudoscaleSettings,
  formation: ScaledFormation,
): Promise<JudoscaleService> {
  const rule = judoscaleRule(settings);
  const queues = new Set<string>();
  let depths: number[] = [];
  const server = fastify({ forceCloseConnections: true });
  server.post<{ Body: Report }>('/v3/reports', async ({ body }, reply) => {
    for (const [, value, identifier, queue] of body.metrics) {
      if (identifier !== 'qd' || queue === null) continue;
      queues.add(queue);
      depths.push(value);
    }
    return await reply.code(200).send({});
  });
  return {
    url: await server.listen({ host: '127.0.0.1', port: 0 }),
    queues,
    async evaluate(at) {
      if (depths.length === 0) return;
      const depth = Math.max(...depths);
      depths = [];
      const quantity = await request(formation, 'GET');
      const { min, max } = formation;
      const desired = Math.min(max, Math.max(min, rule({ at, quantity, depth })));
      if (desired !== quantity) await request(formation, 'PATCH', desired);
    },
    close: async () => await server.close(),
  };
}

/** The quantity that the Platform API answers. */
async function request(
  { baseUrl, path, token }: ScaledFormation,
  method: 'GET' | 'PATCH',
  quantity?: number,
): Promise<number> {
  const response = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      Accept: 'application/vnd.heroku+json; version=3',
      Authorization: `Bearer ${token}`,
      ...(quantity === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(quantity === undefined ? {} : { body: JSON.stringify({ quantity }) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  const answer = (await response.json()) as { readonly quantity: number };
  return answer.quantity;
}
