import type { FastifyInstance } from 'fastify';

import type { Prices } from '../journal/prices.ts';
import type { Clock, Journal, PauseStore } from '../ports.ts';
import type { AccessControl } from './access.ts';
import type { loadAssets } from './assets.ts';
import type { EventStream } from './event-stream.ts';

export type HttpPorts = {
  readonly journal: Pick<Journal, 'load' | 'entries' | 'history'>;
  readonly pause: PauseStore;
  readonly clock: Pick<Clock, 'now'>;
  /** The prices that costs are calculated by; absent: the platform has no list. */
  readonly prices?: Prices | undefined;
};

/** What all routes share. */
export type RouteContext = {
  readonly app: FastifyInstance;
  readonly ports: HttpPorts;
  readonly access: AccessControl;
  readonly assets: Awaited<ReturnType<typeof loadAssets>>;
  readonly events: EventStream;
  /** The deadline of one read or write of the clock's state. */
  readonly signal: () => AbortSignal;
};

/** Marks a route that needs neither token nor session. */
export const PUBLIC = { config: { public: true } } as const;
