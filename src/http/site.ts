import type { FastifyInstance } from 'fastify';

import type { Clock, Journal, PauseStore } from '../ports.ts';
import type { loadAssets } from './assets.ts';
import type { Gate } from './gate.ts';
import type { Live } from './live.ts';

export type HttpPorts = {
  readonly journal: Pick<Journal, 'load' | 'entries' | 'history'>;
  readonly pause: PauseStore;
  readonly clock: Pick<Clock, 'now'>;
};

/** What the parts of the server share. */
export type Site = {
  readonly app: FastifyInstance;
  readonly ports: HttpPorts;
  readonly gate: Gate;
  readonly assets: Awaited<ReturnType<typeof loadAssets>>;
  readonly live: Live;
  /** For one question to Redis. */
  readonly signal: () => AbortSignal;
};

/** For routes that everybody may see. */
export const OPEN = { config: { open: true } } as const;
