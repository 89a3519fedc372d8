import { parse, safeParse } from 'valibot';

import { isHerokuRedis } from './heroku-redis.ts';
import { MASK, maskUrl, quote } from './mask.ts';
import { nearMiss } from './near-miss.ts';
import type { Problem, RedisAddress } from './settings.ts';
import { SPEC, type SettingName, type SettingValue } from './spec.ts';
import type { Spec } from './spec/kinds.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export function isSet(env: Environment, name: string): boolean {
  return (env[name] ?? '').trim() !== '';
}

/** A process type or an app as the prefix of a variable: `high-mail` is `HIGH_MAIL_`. */
export function prefixOf(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_`;
}

/** The prefixes that a variable may carry, the most specific first: of both, of the app, of the process type, none. */
export function prefixesOf(app: string | undefined, processType: string | undefined): readonly string[] {
  const ofApp = app === undefined ? [''] : [prefixOf(app), ''];
  if (processType === undefined) return ofApp;
  return ofApp.flatMap((prefix) => [prefix + prefixOf(processType), prefix]);
}

/** Reads settings and collects their problems: one per variable, however often it is read. */
export class Reader {
  readonly #env: Environment;
  readonly #problems: Map<string, Problem>;
  readonly #app: string | undefined;
  readonly #prefixes: readonly string[];

  /** `app`: of several, the one whose settings are read. Readers that share `problems` report each once. */
  constructor(
    env: Environment,
    problems = new Map<string, Problem>(),
    app?: string,
    prefixes = prefixesOf(app, undefined),
  ) {
    this.#env = env;
    this.#problems = problems;
    this.#app = app;
    this.#prefixes = prefixes;
  }

  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  wrong(variable: string, message: string): void {
    if (!this.#problems.has(variable)) this.#problems.set(variable, { variable, message });
  }

  isWrong(variable: string): boolean {
    return this.#problems.has(variable);
  }

  /** Reads the variable with the process type's prefix where it is set, else the one without. */
  forType(processType: string | undefined): Reader {
    return new Reader(this.#env, this.#problems, this.#app, prefixesOf(this.#app, processType));
  }

  /** The variable that the value comes from. */
  nameOf(name: SettingName): string {
    const prefix = this.#prefixes.find((each) => isSet(this.#env, each + name)) ?? '';
    return prefix + name;
  }

  /**
   * Which of these settings, listed by precedence, counts: an app's own REDIS_URL takes precedence over the REDIS_TLS_URL of
   * all apps. The first where none is set.
   */
  precedent<N extends SettingName>(first: N, ...others: readonly N[]): N {
    const names = [first, ...others];
    const prefix = this.#prefixes.find((each) => names.some((name) => isSet(this.#env, each + name))) ?? '';
    return names.find((name) => isSet(this.#env, prefix + name)) ?? first;
  }

  get<N extends SettingName>(name: N): SettingValue<N> | undefined {
    const variable = this.nameOf(name);
    const raw = this.#env[variable]?.trim() ?? '';
    return raw === '' ? undefined : this.#parse(name, variable, raw);
  }

  withDefault<N extends SettingName>(name: N): SettingValue<N> {
    const spec: Spec<unknown> = SPEC[name];
    // The default replaces a wrong value, so that the rest is checked too; the problem is kept.
    return this.get(name) ?? this.#value(name, spec.default ?? '');
  }

  address(name: 'REDIS_TLS_URL' | 'STATE_REDIS_URL'): RedisAddress | undefined {
    const url = this.get(name);
    return url === undefined ? undefined : this.addressOf(this.nameOf(name), url);
  }

  addressOf(variable: string, url: string): RedisAddress {
    // Elsewhere such a host may be any EC2 machine.
    const selfSigned = isSet(this.#env, 'DYNO') && isHerokuRedis(url);
    return { url, variable, tlsVerify: this.get('REDIS_TLS_VERIFY') ?? !selfSigned };
  }

  require<N extends SettingName>(name: N): SettingValue<N> {
    const value = this.get(name);
    const variable = this.nameOf(name);
    if (value === undefined)
      this.wrong(variable, `is required: ${SPEC[name].allowed}${this.#misspelled(name)}`);
    // Never used: with a problem there are no settings.
    return value as SettingValue<N>;
  }

  /** A variable that is set and is no setting, where it is likely meant for the one that is missing. */
  #misspelled(name: SettingName): string {
    const others = Object.keys(this.#env).filter((other) => !(other in SPEC) && isSet(this.#env, other));
    const found = nearMiss(name, others);
    return found === undefined ? '' : `; ${found} is set, which is not a setting`;
  }

  #parse<N extends SettingName>(name: N, variable: string, raw: string): SettingValue<N> | undefined {
    const spec: Spec<unknown> = SPEC[name];
    const parsed = safeParse(spec.schema, raw);
    if (parsed.success) return parsed.output as SettingValue<N>;
    const shown = spec.secret === 'all' ? MASK : spec.secret === 'url' ? maskUrl(raw) : quote(raw);
    this.wrong(variable, spec.problem?.(raw) ?? `must be ${spec.allowed}, got ${shown}`);
    return undefined;
  }

  #value<N extends SettingName>(name: N, raw: string): SettingValue<N> {
    const schema: Spec<SettingValue<N>>['schema'] = SPEC[name].schema;
    return parse(schema, raw);
  }
}
