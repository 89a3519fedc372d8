import { herokuClient, FORMATION, type HerokuOptions } from './client.ts';
import { fieldsOf } from './fields.ts';
import { malformed } from './refusal.ts';
import type { Answer } from './request.ts';
import { rowsOf, type Row } from './rows.ts';

type AppFacts = {
  /** Web requests are answered with a maintenance page; dynos and formation are as they are. */
  readonly maintenance: boolean;
  /** `cedar` names dynos `worker.3`, `fir` does not number them; as Heroku spells it. */
  readonly generation: string;
  /** What the token may do; empty where Heroku did not say. */
  readonly scopes: readonly string[];
};

type SizeFacts = {
  readonly name: string;
  /** For one dyno that runs all month, in cents; undefined where Heroku names no price. */
  readonly centsPerMonth: number | undefined;
};

/** Reads that `check` makes before anything runs. Each throws a Failure. */
export type HerokuPreflight = {
  app(signal: AbortSignal): Promise<AppFacts>;
  formation(signal: AbortSignal): Promise<readonly Row[]>;
  sizes(signal: AbortSignal): Promise<readonly SizeFacts[]>;
  /** Requests the account has left, as the last answer told; undefined before the first. */
  requestsLeft(): number | undefined;
};

/** Scopes with which a formation may be changed; `read` and `identity` only look. */
const SCALING_SCOPES = new Set(['global', 'write', 'write-protected']);

/** Whether a token of these scopes may scale. */
export function mayScale(scopes: readonly string[]): boolean {
  return scopes.some((scope) => SCALING_SCOPES.has(scope));
}

/** Dynos that Heroku documents as the most one app and one process type of a size may have, unless raised by support. */
export function documentedLimits(
  generation: string,
  size: string,
): { readonly perApp: number; readonly perType: number } {
  if (generation === 'fir') return { perApp: 255, perType: 255 };
  if (/^(?:eco|basic)$/i.test(size)) return { perApp: 100, perType: 1 };
  return { perApp: 100, perType: /^(?:performance|private|shield)/i.test(size) ? 10 : 100 };
}

export function herokuPreflight(options: HerokuOptions): HerokuPreflight {
  const client = herokuClient(options);
  return {
    async app(signal) {
      const answer = await client.get('', undefined, signal);
      const { maintenance, generation } = fieldsOf(answer.json);
      if (typeof maintenance !== 'boolean') throw malformed('with something that is not an app');
      const name = typeof generation === 'string' ? generation : fieldsOf(generation)['name'];
      // Apps from before there were generations are all of the first.
      return { maintenance, generation: typeof name === 'string' ? name : 'cedar', scopes: scopesOf(answer) };
    },
    formation: async (signal) => rowsOf((await client.get(FORMATION, undefined, signal)).json),
    async sizes(signal) {
      const { json } = await client.get('/available-dyno-sizes', undefined, signal);
      if (!Array.isArray(json)) throw malformed('with something that is not a list of dyno sizes');
      return json.map(sizeOf);
    },
    requestsLeft: () => client.budget()?.remaining,
  };
}

function sizeOf(json: unknown): SizeFacts {
  const { name, cost } = fieldsOf(json);
  if (typeof name !== 'string' || !/^[-.\w]{1,128}$/.test(name)) throw malformed('without a dyno size');
  const { cents, unit } = fieldsOf(cost);
  return { name, centsPerMonth: typeof cents === 'number' && unit === 'month' ? cents : undefined };
}

function scopesOf(answer: Answer): string[] {
  return (answer.header('oauth-scope') ?? '').split(/[\s,]+/).filter((scope) => /^[-\w]{1,40}$/.test(scope));
}
