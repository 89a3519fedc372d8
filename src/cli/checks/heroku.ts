import { herokuPreflight, mayScale, type HerokuPreflight } from '../../adapters/heroku/preflight.ts';
import type { HerokuAccess, ProcessTypeSettings } from '../../config/settings.ts';
import { failureOf } from '../../failure.ts';
import { number } from '../views/figures.ts';
import { fail, failed, pass, warn, type Check, type PlatformChecks } from './check.ts';
import { checkClockDynos, checkProcessType, type AppFacts } from './heroku-types.ts';

/** Fewer requests than this are left only where another client of the account uses them up. */
const FEW_REQUESTS = 1000;

/** The app, the token and its scope, the process types, the dyno sizes and the limits. */
export async function checkHeroku(
  heroku: HerokuAccess,
  processTypes: readonly ProcessTypeSettings[],
  /** Drover is an app of its own, which has the clock. */
  separate: boolean,
  signal: AbortSignal,
): Promise<PlatformChecks> {
  const preflight = herokuPreflight({ appName: heroku.appName, token: heroku.token, baseUrl: heroku.apiUrl });
  try {
    const app = await preflight.app(signal);
    const [formation, sizes, dynos] = await Promise.all([
      preflight.formation(signal),
      unlessFailed(sizeNames(preflight, signal)),
      unlessFailed(preflight.dynos(signal)),
    ]);
    const left = preflight.requestsLeft();
    const facts: AppFacts = { generation: app.generation, formation, sizes, dynos: dynos ?? [] };
    return {
      checks: [
        pass('app', `${heroku.appName} (${app.generation})`),
        ...(app.maintenance
          ? [warn('maintenance', 'on: Drover holds until it ends', 'Run `heroku maintenance:off` to end it.')]
          : []),
        scopeCheck(app.scopes),
        ...processTypes.flatMap((settings) => checkProcessType(settings, facts)),
        ...(separate ? [] : checkClockDynos(facts, processTypes)),
        ...(left === undefined ? [] : [budgetCheck(left)]),
      ],
      quantities: new Map(formation.map(({ processType, quantity }) => [processType, quantity])),
    };
  } catch (thrown) {
    return { checks: [failed('Heroku', failureOf(thrown))], quantities: undefined };
  }
}

async function sizeNames(preflight: HerokuPreflight, signal: AbortSignal): Promise<readonly string[]> {
  return (await preflight.sizes(signal)).map(({ name }) => name);
}

/** What only improves a check fails none. */
async function unlessFailed<T>(reading: Promise<T>): Promise<T | undefined> {
  return await reading.catch(() => undefined);
}

function scopeCheck(scopes: readonly string[]): Check {
  const remedy = 'Run `heroku authorizations:create -s write -d drover` and set HEROKU_API_KEY to its token.';
  if (scopes.length === 0) return warn('token', 'valid, scope unknown', remedy);
  const detail = `scope ${scopes.join(', ')}`;
  if (!mayScale(scopes)) return fail('token', `${detail}, which cannot scale dynos`, remedy);
  if (scopes.includes('global'))
    return warn('token', `${detail}, which permits far more than scaling`, remedy);
  return pass('token', detail);
}

function budgetCheck(left: number): Check {
  const detail = `${number(left)} of the account's 4,500 requests per hour left`;
  if (left >= FEW_REQUESTS) return pass('API budget', detail);
  return warn(
    'API budget',
    `${detail}: when none is left, Drover cannot scale`,
    'Find out what else uses the API with this account.',
  );
}
