import { pino, type Logger } from 'pino';

import { scrubber } from '../config/mask.ts';
import type { LogLevel } from '../config/settings.ts';

export type { Logger };

/**
 * JSON lines, pretty on a terminal. No worker thread: it costs memory, and loses its last lines when the process exits.
 * Secrets are removed from the finished line, so no serialiser can be forgotten.
 */
export async function createLogger(
  stream: NodeJS.WriteStream,
  level: LogLevel,
  secrets: readonly string[],
): Promise<Logger> {
  const scrub = scrubber(secrets);
  const write = (line: string): void => void stream.write(scrub(line));
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: plainError },
  };
  if (!stream.isTTY)
    return pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, { write });
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: process.env['NO_COLOR'] === undefined,
    translateTime: 'SYS:HH:MM:ss',
    // The message is complete without the fields.
    hideObject: true,
  });
  return pino(options, { write: (line: string) => write(pretty(line)) });
}

/** Errors of HTTP and Redis clients carry requests with tokens in them: only these properties are logged. */
function plainError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error ? { code: error.code } : {};
  return { type: error.name, message: error.message, ...code, stack: error.stack };
}
