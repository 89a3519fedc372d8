import { herokuPreflight, mayScale } from '../adapters/heroku/preflight.ts';
import { failureOf } from '../failure.ts';
import { documentedLimits } from '../heroku-sizes.ts';
import type { ActingSettings, ProcessTypeSettings } from '../config/settings.ts';
import { failed, type Check } from './checks.ts';
import { number } from './views/table.ts';

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
      { name: 'app', state: 'pass', detail: `${heroku.appName}, of the ${app.generation} generation` },
      ...(app.maintenance
        ? [
            {
              name: 'maintenance',
              state: 'warn',
              detail: 'is on',
              remedy: 'heroku maintenance:off ends it.',
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

/** Which sizes there are is nice to know, and no reason to fail. */
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
  const remedy = 'heroku authorizations:create -s write -d drover, and set HEROKU_API_KEY to its token.';
  if (scopes.length === 0)
    return { name: 'token', state: 'warn', detail: 'valid; Heroku does not say its scope', remedy };
  const detail = `scope ${scopes.join(', ')}`;
  if (!mayScale(scopes))
    return { name: 'token', state: 'fail', detail: `${detail}, which may not scale`, remedy };
  if (scopes.includes('global')) {
    return { name: 'token', state: 'warn', detail: `${detail}, which may do far more than scale`, remedy };
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
    const remedy = 'Correct PROCESS_TYPE, or add the type to the Procfile and deploy.';
    return [
      {
        name,
        state: 'fail',
        detail: `not in the Procfile, which has ${known === '' ? 'nothing yet' : known}`,
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
      detail: `there is no dyno size ${dynoSize} for this app`,
      remedy: `Set DYNO_SIZE to one of ${sizes.join(', ')}.`,
    });
  }
  const { perApp, perType } = documentedLimits(generation, size);
  const limit = Math.min(perApp, perType);
  if (max > limit) {
    checks.push({
      name: `limit of ${processType}`,
      state: 'warn',
      detail: `MAX_WORKERS is ${max}, and Heroku allows ${limit} dynos of size ${size} unless it was raised`,
      remedy: 'Lower MAX_WORKERS, take a larger size, or have the limit raised by Heroku.',
    });
  }
  return checks;
}

/** Few requests left means that something else of this account uses them up. */
function budgetCheck(left: number): Check {
  const detail = `${number(left)} requests left of the account's hourly 4,500`;
  if (left >= 1000) return { name: 'API budget', state: 'pass', detail };
  return {
    name: 'API budget',
    state: 'warn',
    detail,
    remedy: 'Find what else uses the API with this account.',
  };
}
