import type { HttpLog } from '../http/server.ts';
import type { Logger } from './log.ts';

/** Writes what the HTTP side reports to the log. */
export function httpLog(logger: Logger | undefined): HttpLog {
  return {
    failed: ({ code, message, remedy }) => logger?.warn({ code }, `dashboard: ${message}. ${remedy}`),
    authFailed: ({ address, message }) => logger?.warn({ address }, `dashboard: ${message}`),
  };
}
