import { quote } from '../config/mask.ts';
import type { HttpSettings, Problem } from '../config/settings.ts';
import { SettingsError } from './settings-error.ts';

/** What `start` resolves to; a SettingsError that names PORT or HOST where the system does not let it listen there. */
export async function listening<T>(http: HttpSettings, start: Promise<T>): Promise<T> {
  try {
    return await start;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    const problem = typeof code === 'string' ? problemOf(code, http) : undefined;
    throw problem === undefined ? thrown : new SettingsError([problem]);
  }
}

function problemOf(code: string, { host, port }: HttpSettings): Problem | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return { variable: 'PORT', message: `is ${port}, where another process listens already` };
    case 'EACCES':
      return { variable: 'PORT', message: `is ${port}, where this user may not listen: take one above 1023` };
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return { variable: 'HOST', message: `is ${quote(host)}, which is no address of this machine` };
    default:
      return undefined;
  }
}
