import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { parseWorkerName } from '../core/worker-name.ts';

export type CooperateOptions = {
  /** The ioredis or node-redis client for the exchange with Drover; default: the worker's own. */
  readonly connection?: unknown;
  /** The app that Drover scales; default HEROKU_APP_NAME. */
  readonly app?: string | undefined;
  /** This dyno's name, such as `worker.3`; default DYNO. */
  readonly dyno?: string | undefined;
  /** Default: the dyno's name up to its number. */
  readonly processType?: string | undefined;
};

/** The identity of a worker process. */
export type Identity = {
  readonly app: string;
  readonly processType: string;
  readonly dyno: string;
  /** 3 for `worker.3`; absent on Fir, whose dynos have no numbers. */
  readonly ordinal: number | undefined;
  /** Unique for each process: during a deploy two dynos have one name. */
  readonly instance: string;
  /** The container's name, as far as a report can hold it. Absent where there is none. */
  readonly host?: string | undefined;
};

/** Undefined where the app or the dyno is unknown: on a laptop, in a test, without dyno metadata. */
export function identify(
  options: CooperateOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Identity | undefined {
  const app = options.app ?? environment['HEROKU_APP_NAME'];
  const dyno = options.dyno ?? environment['DYNO'];
  if (!app || !dyno) return undefined;
  const name = parseWorkerName(dyno);
  const processType = options.processType ?? name?.type;
  if (processType === undefined) return undefined;
  const instance = `${dyno}#${randomUUID()}`;
  const host = hostname().slice(0, 255) || undefined;
  return { app, processType, dyno, ordinal: name?.ordinal, instance, host };
}
