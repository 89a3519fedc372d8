import { fieldsOf, type Answer } from '../http/answer.ts';
import { malformed, rowsOf, type Row } from './answer.ts';
import { FORMATION, herokuClient, type HerokuOptions } from './client.ts';

type AppFacts = {
  /** In maintenance mode web requests get a maintenance page; dynos and formation do not change. */
  readonly maintenance: boolean;
  /** As Heroku spells it: `cedar` names dynos `worker.3`, `fir` does not number them. */
  readonly generation: string;
  /** The token's scopes; empty if Heroku did not name them. */
  readonly scopes: readonly string[];
};

type SizeFacts = {
  readonly name: string;
  /** List price in cents of a dyno that runs all month; undefined if Heroku names none. */
  readonly centsPerMonth: number | undefined;
};

/** A process type of the formation, with its line in the Procfile. */
export type ProcessFacts = Row & { readonly command: string };

type DynoFacts = { readonly processType: string; readonly state: string };

/** What `check` reads before anything runs. Each throws a Failure. */
export type HerokuPreflight = {
  app(signal: AbortSignal): Promise<AppFacts>;
  formation(signal: AbortSignal): Promise<readonly ProcessFacts[]>;
  dynos(signal: AbortSignal): Promise<readonly DynoFacts[]>;
  sizes(signal: AbortSignal): Promise<readonly SizeFacts[]>;
  /** Requests the account may still send, according to the last answer; undefined before the first. */
  requestsLeft(): number | undefined;
};

/** Scopes that allow to change a formation; `read` and `identity` do not. */
const SCALING_SCOPES = new Set(['global', 'write', 'write-protected']);

/** Whether a token of these scopes may scale. */
export function mayScale(scopes: readonly string[]): boolean {
  return scopes.some((scope) => SCALING_SCOPES.has(scope));
}

export function herokuPreflight(options: HerokuOptions): HerokuPreflight {
  const client = herokuClient(options);
  return {
    async app(signal) {
      const answer = await client.get('', undefined, signal);
      const { maintenance, generation } = fieldsOf(answer.json);
      if (typeof maintenance !== 'boolean') throw malformed('with something other than an app');
      const name = typeof generation === 'string' ? generation : fieldsOf(generation)['name'];
      // Apps without a generation are older than Fir.
      return { maintenance, generation: typeof name === 'string' ? name : 'cedar', scopes: scopesOf(answer) };
    },
    async formation(signal) {
      const { json } = await client.get(FORMATION, undefined, signal);
      const commands = Array.isArray(json) ? json.map((row) => fieldsOf(row)['command']) : [];
      return rowsOf(json).map((row, index) => ({ ...row, command: textOf(commands[index]) }));
    },
    async dynos(signal) {
      const { json } = await client.get('/dynos', undefined, signal);
      if (!Array.isArray(json)) throw malformed('with something other than a list of dynos');
      return json.map((dyno) => {
        const { type, state } = fieldsOf(dyno);
        return { processType: textOf(type), state: textOf(state) };
      });
    },
    async sizes(signal) {
      const { json } = await client.get('/available-dyno-sizes', undefined, signal);
      if (!Array.isArray(json)) throw malformed('with something other than a list of dyno sizes');
      return json.map(sizeOf);
    },
    requestsLeft: () => client.account.budget?.remaining,
  };
}

/** Empty for anything that is no text: what it is used for only improves a check. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
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
