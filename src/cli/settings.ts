import type { Environment } from '../config/environment.ts';
import {
  loadAllSettings,
  loadAllViewSettings,
  loadSettings,
  loadViewSettings,
  type AllLoaded,
  type Loaded,
} from '../config/load.ts';
import { quote } from '../config/mask.ts';
import { parseRedisUrl } from '../config/redis-url.ts';
import type { ActingSettings, Problem, Settings } from '../config/settings.ts';
import { SettingsError } from './errors.ts';

type Valid<S> = { readonly settings: S; readonly hints: readonly Problem[] };
type AllValid<S> = { readonly apps: readonly [S, ...S[]]; readonly hints: readonly Problem[] };

/** For commands that call the platform, of one app. Throws a SettingsError that lists every problem. */
export function settingsFrom(env: Environment): Valid<ActingSettings> {
  return valid(loadSettings(env));
}

/** For commands that use only what the clock keeps in Redis: without the platform's token. */
export function viewSettingsFrom(env: Environment): Valid<Settings> {
  return valid(loadViewSettings(env));
}

/** The same of every app, or of the one that `--app` names. */
export function allSettingsFrom(env: Environment, app?: string): AllValid<ActingSettings> {
  return chosen(loadAllSettings(env), app);
}

export function allViewSettingsFrom(env: Environment, app?: string): AllValid<Settings> {
  return chosen(loadAllViewSettings(env), app);
}

function valid<S extends Settings>(loaded: Loaded<S>): Valid<S> {
  if (loaded.kind === 'wrong') throw new SettingsError(loaded.problems);
  return loaded;
}

function chosen<S extends Settings>(loaded: AllLoaded<S>, app: string | undefined): AllValid<S> {
  if (loaded.kind === 'wrong') throw new SettingsError(loaded.problems);
  const [first, ...others] = loaded.apps.filter(({ appName }) => app === undefined || appName === app);
  if (first !== undefined) return { apps: [first, ...others], hints: loaded.hints };
  const names = loaded.apps.map(({ appName }) => appName).join(', ');
  throw new SettingsError([
    {
      variable: '--app',
      message: `must be one of the apps in the settings (${names}), got ${quote(app ?? '')}`,
    },
  ]);
}

/** Everything that must never be printed. */
export function secretsOf(...all: readonly (Settings | ActingSettings)[]): string[] {
  return [...new Set(all.flatMap(secretsIn))];
}

function secretsIn(settings: Settings | ActingSettings): string[] {
  const passwords = [settings.redis.url, settings.state.url].flatMap((text) => {
    const { password, searchParams } = new URL(text);
    const target = parseRedisUrl(text);
    return [password, target.password, searchParams.get('sentinelPassword'), target.sentinelPassword];
  });
  const token = 'access' in settings && 'token' in settings.access ? settings.access.token : undefined;
  const all = [token, settings.http.token, settings.notifyUrl, ...passwords];
  return all.filter((secret): secret is string => Boolean(secret));
}
