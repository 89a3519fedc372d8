import { parseRedisUrl } from '../config/redis-url.ts';
import { loadSettings, loadViewSettings, type Loaded } from '../config/load.ts';
import { type Environment } from '../config/environment.ts';
import type { ActingSettings, Problem, Settings } from '../config/settings.ts';
import { SettingsError } from './settings-error.ts';

type Valid<S> = { readonly settings: S; readonly hints: readonly Problem[] };

/** For commands that call Heroku; throws a SettingsError that lists every problem. */
export function settingsFrom(env: Environment): Valid<ActingSettings> {
  return valid(loadSettings(env));
}

/** The same without Heroku's token, for commands that look at what a clock left in Redis. */
export function viewSettingsFrom(env: Environment): Valid<Settings> {
  return valid(loadViewSettings(env));
}

function valid<S extends Settings>(loaded: Loaded<S>): Valid<S> {
  if (loaded.kind === 'wrong') throw new SettingsError(loaded.problems);
  return loaded;
}

/** Everything that must never be printed, in each form it can take in a text. */
export function secretsOf(settings: Settings | ActingSettings): string[] {
  const passwords = [settings.redis.url, settings.state.url].flatMap((text) => {
    const { password, searchParams } = new URL(text);
    const target = parseRedisUrl(text);
    return [password, target.password, searchParams.get('sentinelPassword'), target.sentinelPassword];
  });
  const token = 'token' in settings.heroku ? settings.heroku.token : undefined;
  const all = [token, settings.http.token, settings.notifyUrl, ...passwords];
  return [
    ...new Set(all.filter((secret) => secret !== undefined && secret !== null && secret !== '')),
  ] as string[];
}
