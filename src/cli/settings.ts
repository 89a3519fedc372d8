import { parseRedisUrl } from '../config/redis-url.ts';
import { loadSettings, type Environment } from '../config/load.ts';
import type { Problem, Settings } from '../config/settings.ts';
import { SettingsError } from './settings-error.ts';

/** The settings and hints of an environment; throws a SettingsError that lists every problem. */
export function settingsFrom(env: Environment): {
  readonly settings: Settings;
  readonly hints: readonly Problem[];
} {
  const loaded = loadSettings(env);
  if (loaded.kind === 'wrong') throw new SettingsError(loaded.problems);
  return loaded;
}

/** Everything that must never be printed, in each form it can take in a text. */
export function secretsOf(settings: Settings): string[] {
  const passwords = [settings.redis.url, settings.state.url].flatMap((text) => {
    const { password, searchParams } = new URL(text);
    const target = parseRedisUrl(text);
    return [password, target.password, searchParams.get('sentinelPassword'), target.sentinelPassword];
  });
  const all = [settings.heroku.token, settings.http.token, settings.notifyUrl, ...passwords];
  return [
    ...new Set(all.filter((secret) => secret !== undefined && secret !== null && secret !== '')),
  ] as string[];
}
