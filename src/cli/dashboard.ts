import type { HttpSettings } from '../config/settings.ts';
import type { HttpServer } from '../http/server.ts';
import type { Recorder } from '../reporting/recorder.ts';
import type { Assembly } from './composition.ts';
import { httpLog } from './http-log.ts';
import { listening } from './listening.ts';
import type { Logger } from './log.ts';

/** The dashboard of a clock that runs in this process. Loads the HTTP side only now: without it, it costs nothing. */
export async function startDashboard(
  { journal, pause, ports }: Assembly,
  recorder: Recorder,
  http: HttpSettings,
  /** Absent: nothing is logged. */
  logger?: Logger,
): Promise<HttpServer> {
  const { startServer } = await import('../http/server.ts');
  // What this clock knows itself needs no Redis: that may be what is down.
  const load = async (signal: AbortSignal): Promise<Awaited<ReturnType<typeof journal.load>>> =>
    recorder.latest() ?? (await journal.load(signal));
  return await listening(
    http,
    startServer({ journal: { ...journal, load }, pause, clock: ports.clock }, http, httpLog(logger)),
  );
}
