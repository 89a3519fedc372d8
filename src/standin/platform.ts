import { randomUUID } from 'node:crypto';

import { createApp, type App, type AppSpec } from './app.ts';
import type { DynoState, SpawnDyno } from './dyno.ts';
import type { Intercept } from './fault.ts';
import { findRow, setRow } from './formation.ts';
import { handle } from './handler.ts';
import { RateLimit } from './rate-limit.ts';
import { replyOf } from './reply.ts';
import { RequestLog, type PlatformLogEntry } from './request-log.ts';
import { startServer } from './server.ts';
import type { Stopped } from './stopped.ts';

export type PlatformOptions = {
  /** Default: a random one in the form of a real token. */
  readonly token?: string;
  /** The token's scopes; default `write`. */
  readonly scopes?: readonly string[];
  readonly apps: readonly AppSpec[];
  /** The account's limit in units of Heroku's usual one, 4,500 requests an hour; default 1. */
  readonly rateLimitMultiplier?: number;
  /** Dynos that all process types of an app may have together; default 100, on Fir 255. */
  readonly limit?: number;
  /**
   * Starts the process of each dyno; absent: dynos are only records. Spawn it `detached` so that its own children get
   * SIGTERM and SIGKILL too. If this process may be killed with SIGKILL, give the child an IPC channel or a pipe and let
   * it exit when that closes: the stand-in can no longer stop it then.
   */
  readonly processes?: SpawnDyno;
  /** From the creation of a dyno to the start of its process; default 0. */
  readonly bootMs?: number;
  /** From SIGTERM to SIGKILL; default 30 000. */
  readonly graceMs?: number;
  /** Epoch ms for records, billing and the rate limit; default the system's clock. Processes run in real time. */
  readonly clock?: { now(): number };
};

export type PlatformDyno = {
  readonly name: string;
  readonly type: string;
  /** `down` after its SIGTERM. */
  readonly state: DynoState;
  readonly pid?: number | undefined;
  /** Epoch ms, as is `stoppingSince`. */
  readonly startedAt: number;
  readonly stoppingSince?: number | undefined;
};

/** A running stand-in. Methods that name an app throw if there is none of that name. */
export type Platform = {
  /** Set it as HEROKU_API_URL. */
  readonly url: string;
  /** Set it as HEROKU_API_KEY. */
  readonly token: string;
  quantity(app: string, type: string): number;
  /** As an operator does with `heroku ps:scale`. */
  setQuantity(app: string, type: string, quantity: number): void;
  /** The app's dynos, including those that are stopping. */
  dynos(app: string): readonly PlatformDyno[];
  /** The last 10,000 requests, oldest first. */
  readonly requests: readonly PlatformLogEntry[];
  /** SIGKILLs sent because a grace time ran out. */
  readonly kills: number;
  /** The app's dynos that were stopped while they had a process: the last 10,000, oldest first. */
  stopped(app: string): readonly Stopped[];
  /** Open connections. */
  readonly connections: number;
  /** Requests the account has left. */
  rateLimitRemaining: number;
  /** Seconds billed so far: from the creation of each dyno, through its boot, to its end. */
  dynoSeconds(app: string, type: string): number;
  /** Chooses what goes wrong with each request from now on; `undefined`: nothing. */
  intercept(fault: Intercept | undefined): void;
  /** As a release or the daily restart does: new dynos start as the old ones get SIGTERM. */
  restart(app: string, type?: string): void;
  /** Begins or ends the app's release phase. */
  setReleasing(app: string, releasing: boolean): void;
  /** Sets the app's maintenance mode. */
  setMaintenance(app: string, maintenance: boolean): void;
  /** Stops the server and every process: SIGTERM, and SIGKILL after a second. Can be called again. */
  close(): Promise<void>;
};

/** Starts a loopback server that speaks Heroku's Platform API and runs dynos as Heroku does. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const now = options.clock === undefined ? Date.now : options.clock.now.bind(options.clock);
  const token = options.token ?? `HRKU-${randomUUID()}`;
  const rateLimit = new RateLimit(now, options.rateLimitMultiplier);
  let kills = 0;
  const runtime = {
    now,
    processes: options.processes,
    bootMs: options.bootMs ?? 0,
    graceMs: options.graceMs ?? 30_000,
    onKill: () => {
      kills += 1;
    },
  };
  const apps = options.apps.map((spec) => createApp(spec, runtime, options.limit));
  const account = { apps, token, scopes: options.scopes ?? ['write'], rateLimit, now };
  const log = new RequestLog(now);
  let intercept: Intercept | undefined;

  const server = await startServer({
    now,
    record: (request) => log.record(request),
    fault: (request) => intercept?.(request) ?? 'pass',
    reply: (message, { method, path, headers, body }) => {
      const startedAt = performance.now();
      const { pathname } = new URL(path, 'http://localhost');
      const handled = handle(account, { method, pathname, headers, body });
      return replyOf(message, handled, rateLimit, performance.now() - startedAt);
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
    await Promise.all(apps.map((app) => app.dynos.close()));
  };

  return {
    url: server.url,
    token,
    requests: log.entries,
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
      setRow(app, { row, quantity, size: row.size }, now());
    },
    dynos: (name) =>
      appOf(name).dynos.all.map(({ spec, state, pid, startedAt, stoppingSince }) => ({
        name: spec.name,
        type: spec.type,
        state,
        pid,
        startedAt,
        stoppingSince,
      })),
    stopped: (name) => appOf(name).dynos.stopped,
    dynoSeconds: (name, type) => appOf(name).dynos.dynoSeconds(type),
    intercept(fault) {
      intercept = fault;
    },
    restart(name, type) {
      appOf(name).dynos.restart((dyno) => type === undefined || dyno.spec.type === type);
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
