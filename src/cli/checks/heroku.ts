import { herokuPreflight, mayScale } from '../../adapters/heroku/preflight.ts';
import { failureOf } from '../../failure.ts';
import { documentedLimits } from '../../heroku-sizes.ts';
import type { ActingSettings, ProcessTypeSettings } from '../../config/settings.ts';
import { failed, type Check } from './check.ts';
import { number } from '../views/figures.ts';

/** The app, the token and its scope, the process types, the dyno size and the limits. */
export async function checkHeroku(
  { heroku, processTypes }: ActingSettings,
  signal: AbortSignal,
): Promise<Check[]> {
  const preflight = herokuPreflight({ appName: heroku.appName, token: heroku.token, baseUrl: heroku.apiUrl });
  try {
    const app = await preflight.app(signal);
    const [formation, sizes] = await Promise.all([preflight.formation(signal), sizeNames(preflight, signal)]);
    const left = preflight.requestsLeft();
    return [
      { name: 'app', state: 'pass', detail: `${heroku.appName} (${app.generation})` },
      ...(app.maintenance
        ? [
            {
              name: 'maintenance',
              state: 'warn',
              detail: 'on: Drover holds until it ends',
              remedy: 'Run `heroku maintenance:off` to end it.',
            } as const,
          ]
        : []),
      scopeCheck(app.scopes),
      ...processTypes.flatMap((settings) => typeChecks(settings, formation, app.generation, sizes)),
      ...(left === undefined ? [] : [budgetCheck(left)]),
    ];
  } catch (thrown) {
    return [failed('Heroku', failureOf(thrown))];
  }
}

/** Undefined where Heroku does not list them: that fails no check. */
async function sizeNames(
  preflight: ReturnType<typeof herokuPreflight>,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  try {
    return (await preflight.sizes(signal)).map(({ name }) => name);
  } catch {
    return undefined;
  }
}

function scopeCheck(scopes: readonly string[]): Check {
  const remedy = 'Run `heroku authorizations:create -s write -d drover` and set HEROKU_API_KEY to its token.';
  if (scopes.length === 0) return { name: 'token', state: 'warn', detail: 'valid, scope unknown', remedy };
  const detail = `scope ${scopes.join(', ')}`;
  if (!mayScale(scopes))
    return { name: 'token', state: 'fail', detail: `${detail}, which cannot scale dynos`, remedy };
  if (scopes.includes('global')) {
    return { name: 'token', state: 'warn', detail: `${detail}, which permits far more than scaling`, remedy };
  }
  return { name: 'token', state: 'pass', detail };
}

type FormationRow = { readonly processType: string; readonly quantity: number; readonly size: string };

function typeChecks(
  settings: ProcessTypeSettings,
  formation: readonly FormationRow[],
  generation: string,
  sizes: readonly string[] | undefined,
): Check[] {
  const { processType, dynoSize, max } = settings;
  const name = `process type ${processType}`;
  const row = formation.find((candidate) => candidate.processType === processType);
  if (!row) {
    const known = formation.map((candidate) => candidate.processType).join(', ');
    const remedy = 'Correct PROCESS_TYPE, or add it to the Procfile and deploy.';
    return [
      {
        name,
        state: 'fail',
        detail: `not in the formation, which has ${known === '' ? 'no process types yet' : known}`,
        remedy,
      },
    ];
  }
  const checks: Check[] = [{ name, state: 'pass', detail: `${row.quantity} of size ${row.size}` }];
  const size = dynoSize ?? row.size;
  if (
    dynoSize !== undefined &&
    sizes &&
    !sizes.some((known) => known.toLowerCase() === dynoSize.toLowerCase())
  ) {
    checks.push({
      name: `size of ${processType}`,
      state: 'fail',
      detail: `dyno size ${dynoSize} does not exist for this app`,
      remedy: `Set DYNO_SIZE to one of ${sizes.join(', ')}.`,
    });
  }
  const { perApp, perType } = documentedLimits(generation, size);
  const limit = Math.min(perApp, perType);
  if (max > limit) {
    checks.push({
      name: `limit of ${processType}`,
      state: 'warn',
      detail: `MAX_WORKERS is ${max}; Heroku allows ${limit} dynos of size ${size} by default`,
      remedy: 'Lower MAX_WORKERS, use a larger size, or ask Heroku to raise the limit.',
    });
  }
  return checks;
}

/** Drover uses few requests: when few are left, another client of this account uses them. */
function budgetCheck(left: number): Check {
  const detail = `${number(left)} of the account's 4,500 requests per hour left`;
  if (left >= 1000) return { name: 'API budget', state: 'pass', detail };
  return {
    name: 'API budget',
    state: 'warn',
    detail,
    remedy: 'Find out what else uses the API with this account.',
  };
}
