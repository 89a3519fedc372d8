import { randomUUID } from 'node:crypto';

import { createApp, type App, type AppSpec } from './platform-app.ts';
import type { DynoState, SpawnDyno } from './platform-dyno.ts';
import type { Intercept, PlatformRequest } from './platform-fault.ts';
import { findRow, setRow } from './platform-formation.ts';
import { answer } from './platform-gate.ts';
import { RateLimit } from './platform-rate-limit.ts';
import { replyOf } from './platform-reply.ts';
import { startServer } from './platform-server.ts';

export type PlatformOptions = {
  /** Default: made up, in the form of a real one. */
  readonly token?: string;
  /** What the token may do; default `write`. */
  readonly scopes?: readonly string[];
  readonly apps: readonly AppSpec[];
  /** Dynos an app may have in all; default 100, and 255 for an app of the Fir generation. */
  readonly limit?: number;
  /**
   * Absent: dynos are only records. A process started `detached` gets its signals as a group. A platform that is
   * itself killed hard can end nobody: give the child an IPC channel or a pipe and have it exit when that closes.
   */
  readonly processes?: SpawnDyno;
  /** From the request for a dyno to the start of its process; default 0. */
  readonly bootMs?: number;
  /** From SIGTERM to SIGKILL; default 30 000. */
  readonly graceMs?: number;
  /** Epoch ms for everything that is only reckoned: records, bills, the rate limit. Processes live in real time. */
  readonly clock?: { now(): number };
};

type PlatformDyno = {
  readonly name: string;
  readonly type: string;
  /** `down` from its SIGTERM on. */
  readonly state: DynoState;
  readonly pid?: number | undefined;
  /** Epoch ms, as is `stoppingSince`. */
  readonly startedAt: number;
  readonly stoppingSince?: number | undefined;
};

/** `status` is 0 as long as nothing was answered. `at` is epoch ms. */
type PlatformLogEntry = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly at: number;
  readonly body: unknown;
};

export type Platform = {
  readonly url: string;
  readonly token: string;
  quantity(app: string, type: string): number;
  /** As a person would with the CLI. */
  setQuantity(app: string, type: string, quantity: number): void;
  dynos(app: string): readonly PlatformDyno[];
  /** The newest requests, oldest first. */
  readonly requests: readonly PlatformLogEntry[];
  /** SIGKILLs sent because the grace time ran out. */
  readonly kills: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Requests the account has left. */
  rateLimitRemaining: number;
  /** Billed so far: from the request for each dyno, its boot included, to its end. */
  dynoSeconds(app: string, type: string): number;
  /** What goes wrong from now on; `undefined`: nothing. */
  intercept(fault: Intercept | undefined): void;
  /** As a release or the daily cycling does: new dynos start as the old ones get their SIGTERM. */
  restart(app: string, type?: string): void;
  /** Begins or ends its release phase, as a deploy with a `release:` line in the Procfile has one. */
  setReleasing(app: string, releasing: boolean): void;
  setMaintenance(app: string, maintenance: boolean): void;
  /** Ends the server and every process, politely and then not. Harmless when repeated. */
  close(): Promise<void>;
};

const MAX_LOG_ENTRIES = 10_000;

/** A loopback server that speaks Heroku's Platform API, and keeps dynos as Heroku does. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const now = options.clock === undefined ? Date.now : options.clock.now.bind(options.clock);
  const token = options.token ?? `HRKU-${randomUUID()}`;
  const rateLimit = new RateLimit(now);
  let kills = 0;
  const place = {
    now,
    processes: options.processes,
    bootMs: options.bootMs ?? 0,
    graceMs: options.graceMs ?? 30_000,
    killed: () => {
      kills += 1;
    },
  };
  const apps = options.apps.map((spec) => createApp(spec, place, options.limit));
  const world = { apps, token, scopes: options.scopes ?? ['write'], rateLimit, now };
  const requests: { -readonly [Key in keyof PlatformLogEntry]: PlatformLogEntry[Key] }[] = [];
  let intercept: Intercept | undefined;

  const note = ({ method, path, body }: PlatformRequest): ((status: number) => void) => {
    const entry = { method, path, status: 0, at: now(), body };
    requests.push(entry);
    if (requests.length > MAX_LOG_ENTRIES) requests.shift();
    return (status) => {
      entry.status = status;
    };
  };

  const server = await startServer({
    now,
    note,
    fault: (request) => intercept?.(request) ?? 'pass',
    reply: (message, { method, path, headers, body }) => {
      const startedAt = performance.now();
      const { pathname } = new URL(path, 'http://localhost');
      const granted = answer(world, { method, pathname, headers, body });
      return replyOf(message, granted, rateLimit.remaining, performance.now() - startedAt);
    },
  });

  const appOf = (name: string): App => {
    const app = apps.find((candidate) => candidate.name === name);
    if (app === undefined) throw new Error(`the platform has no app ${name}`);
    return app;
  };

  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await server.close();
    await Promise.all(apps.map((app) => app.fleet.close()));
  };

  return {
    url: server.url,
    token,
    requests,
    get kills() {
      return kills;
    },
    get connections() {
      return server.connections();
    },
    get rateLimitRemaining() {
      return rateLimit.remaining;
    },
    set rateLimitRemaining(count) {
      rateLimit.remaining = count;
    },
    quantity: (name, type) => findRow(appOf(name), type).quantity,
    setQuantity(name, type, quantity) {
      const app = appOf(name);
      const row = findRow(app, type);
      setRow(app, row, quantity, row.size, now());
    },
    dynos: (name) =>
      appOf(name).fleet.all.map(({ spec, state, pid, startedAt, stoppingSince }) => ({
        name: spec.name,
        type: spec.type,
        state,
        pid,
        startedAt,
        stoppingSince,
      })),
    dynoSeconds: (name, type) => appOf(name).fleet.dynoSeconds(type),
    intercept(fault) {
      intercept = fault;
    },
    restart(name, type) {
      appOf(name).fleet.restart((dyno) => type === undefined || dyno.spec.type === type);
    },
    setReleasing(name, releasing) {
      Object.assign(appOf(name), { releasing, updatedAt: now() });
    },
    setMaintenance(name, maintenance) {
      Object.assign(appOf(name), { maintenance, updatedAt: now() });
    },
    close: () => (closing ??= closeAll()),
  };
}
