import type { Environment } from '../config/environment.ts';
import { loadSettings, loadViewSettings, type Loaded } from '../config/load.ts';
import { parseRedisUrl } from '../config/redis-url.ts';
import type { ActingSettings, Problem, Settings } from '../config/settings.ts';
import { SettingsError } from './errors.ts';

type Valid<S> = { readonly settings: S; readonly hints: readonly Problem[] };

/** For commands that call the platform. Throws a SettingsError that lists every problem. */
export function settingsFrom(env: Environment): Valid<ActingSettings> {
  return valid(loadSettings(env));
}

/** For commands that use only what the clock keeps in Redis: without the platform's token. */
export function viewSettingsFrom(env: Environment): Valid<Settings> {
  return valid(loadViewSettings(env));
}

function valid<S extends Settings>(loaded: Loaded<S>): Valid<S> {
  if (loaded.kind === 'wrong') throw new SettingsError(loaded.problems);
  return loaded;
}

/** Everything that must never be printed. */
export function secretsOf(settings: Settings | ActingSettings): string[] {
  const passwords = [settings.redis.url, settings.state.url].flatMap((text) => {
    const { password, searchParams } = new URL(text);
    const target = parseRedisUrl(text);
    return [password, target.password, searchParams.get('sentinelPassword'), target.sentinelPassword];
  });
  const token = 'access' in settings && 'token' in settings.access ? settings.access.token : undefined;
  const all = [token, settings.http.token, settings.notifyUrl, ...passwords];
  return [...new Set(all.filter((secret): secret is string => Boolean(secret)))];
}
