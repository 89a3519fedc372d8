import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { Prices } from '../journal/prices.ts';
import type { Clock, Journal, PauseStore } from '../ports.ts';
import type { AccessControl } from './access.ts';
import type { loadAssets } from './assets.ts';
import type { EventStream } from './event-stream.ts';
import type { ShownApp } from './view.ts';

/** What is served of one app. */
export type HttpPorts = {
  readonly appName: string;
  readonly journal: Pick<Journal, 'load' | 'entries' | 'history'>;
  readonly pause: PauseStore;
  readonly clock: Pick<Clock, 'now'>;
  /** The prices that costs are calculated by; absent: the platform has no list. */
  readonly prices?: Prices | undefined;
  /** Whether the platform's autoscaler reads here what is wanted. */
  readonly publishes?: boolean | undefined;
};

/** The apps that are served, at least one. */
export class Apps {
  readonly all: readonly HttpPorts[];
  /** Their names, where they are several. */
  readonly names: readonly string[] | undefined;

  constructor(all: readonly HttpPorts[]) {
    this.all = all;
    this.names = all.length > 1 ? all.map(({ appName }) => appName) : undefined;
  }

  /** For the view of one of several; absent where there is only one. */
  shown({ appName }: HttpPorts): ShownApp | undefined {
    return this.names && { shown: appName, all: this.names };
  }

  /** Epoch ms. */
  now(): number {
    return this.all[0]?.clock.now() ?? Date.now();
  }

  /** Whether `?app=` names none of them. Where there is only one, it need not be named. */
  isUnknown(request: FastifyRequest): boolean {
    const name = nameIn(request);
    return name !== undefined && this.names?.includes(name) === false;
  }

  /** The one that `?app=` names, else the first. */
  of(request: FastifyRequest): HttpPorts {
    const name = nameIn(request);
    const found = this.all.find(({ appName }) => appName === name) ?? this.all[0];
    if (found === undefined) throw new RangeError('no app is served');
    return found;
  }
}

function nameIn({ query }: FastifyRequest): string | undefined {
  const name = typeof query === 'object' && query !== null && 'app' in query ? query.app : undefined;
  // Two are none: the first must not be paused for the second.
  return Array.isArray(name) ? name.join() : typeof name === 'string' ? name : undefined;
}

/** What all routes share. */
export type RouteContext = {
  readonly app: FastifyInstance;
  readonly apps: Apps;
  readonly access: AccessControl;
  readonly assets: Awaited<ReturnType<typeof loadAssets>>;
  readonly events: ReadonlyMap<HttpPorts, EventStream>;
  /** The deadline of one read or write of the clock's state. */
  readonly signal: () => AbortSignal;
};

/** Marks a route that needs neither token nor session. */
export const PUBLIC = { config: { public: true } } as const;
