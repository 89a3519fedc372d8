import { quote } from '../config/mask.ts';
import type { HttpSettings, Problem } from '../config/settings.ts';
import type { HttpPorts } from '../http/route-context.ts';
import { startServer, type HttpServer } from '../http/server.ts';
import type { Kept } from '../ports.ts';
import { SettingsError } from './errors.ts';
import type { Logger } from './log.ts';

/** Throws a SettingsError that names PORT or HOST where the system does not let it listen there. */
export async function startDashboard(
  apps: readonly HttpPorts[],
  http: HttpSettings,
  /** Absent: nothing is logged. */
  logger?: Logger,
): Promise<HttpServer> {
  try {
    return await startServer(apps, http, {
      failed: ({ code, message, remedy }) => logger?.warn({ code }, `dashboard: ${message}. ${remedy}`),
      authFailed: ({ address, message }) => logger?.warn({ address }, `dashboard: ${message}`),
    });
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    const problem = typeof code === 'string' ? listenProblem(code, http) : undefined;
    throw problem === undefined ? thrown : new SettingsError([problem]);
  }
}

/** The ports of a clock's own dashboard: what the clock itself knows is shown even while Redis is down. */
export function ownPorts(ports: HttpPorts, latest: () => Kept | undefined): HttpPorts {
  const load = async (signal: AbortSignal): Promise<Kept | undefined> =>
    latest() ?? (await ports.journal.load(signal));
  return { ...ports, journal: { ...ports.journal, load } };
}

function listenProblem(code: string, { host, port }: HttpSettings): Problem | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return { variable: 'PORT', message: `is ${port}, which another process listens on` };
    case 'EACCES':
      return { variable: 'PORT', message: `is ${port}, which needs root: use a port above 1023` };
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return { variable: 'HOST', message: `is ${quote(host)}, which is not an address of this machine` };
    default:
      return undefined;
  }
}
