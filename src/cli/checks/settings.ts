import { isSet, prefixOf, type Environment } from '../../config/environment.ts';
import type { Mode, ProcessTypeSettings, Settings } from '../../config/settings.ts';
import { isLoopback } from '../../config/url.ts';
import { parseWorkerName } from '../../worker-names.ts';
import { span } from '../views/figures.ts';
import { warn, type Check } from './check.ts';
import type { CheckWords } from './words.ts';

/** Shorter gaps pass for a slow clock. */
const LONGEST_GAP_MS = 300_000;

/** Variables that other autoscalers' add-ons set in the app's config. */
const OTHER_AUTOSCALERS = { JUDOSCALE_URL: 'Judoscale', HIREFIRE_TOKEN: 'HireFire' } as const;

/** What is valid and most likely not meant, as far as the settings alone show it. */
export function checkSettings(
  settings: Settings,
  env: Environment,
  schedule: { readonly longestMs: number; readonly shortestMs: number },
  words: CheckWords,
): Check[] {
  return [
    ...modeCheck(settings.mode, words),
    ...(schedule.longestMs > Math.max(LONGEST_GAP_MS, 2 * schedule.shortestMs)
      ? [gap(schedule.longestMs, words)]
      : []),
    ...ownRedis(settings, env),
    ...unreachableDashboard(settings, env),
    ...(settings.processTypes.some(({ limits }) => limits !== undefined) && !isSet(env, 'TIME_ZONE')
      ? [zone()]
      : []),
    ...Object.entries(OTHER_AUTOSCALERS).flatMap(([variable, name]) =>
      isSet(env, variable) ? [otherAutoscaler(variable, name)] : [],
    ),
    ...settings.processTypes.flatMap((type) => unusedRatio(type, env)),
  ];
}

function modeCheck(mode: Mode, { unset }: CheckWords): Check[] {
  const remedy = `To start scaling: ${unset('DRY_RUN')}.`;
  switch (mode) {
    case 'act':
      return [];
    case 'shadow':
      return [
        warn(
          'DRY_RUN',
          'shadow: what Drover would do is kept for `drover report`, and nothing is changed',
          remedy,
        ),
      ];
    case 'dry-run':
      return [warn('DRY_RUN', 'true: Drover decides and logs, and writes nothing anywhere', remedy)];
    default:
      return mode satisfies never;
  }
}

function gap(longestMs: number, { noun }: CheckWords): Check {
  return warn(
    'SCHEDULE',
    `has a gap of about ${span(longestMs)}: jobs that arrive in it start no ${noun} before its end, and surplus ${noun}s stay`,
    'Tick around the clock, and limit the hours with LIMITS instead.',
  );
}

function zone(): Check {
  return warn(
    'TIME_ZONE',
    'is not set, so the windows of LIMITS open by UTC',
    'Set TIME_ZONE to the zone that LIMITS is meant in, such as Europe/Berlin, or to UTC.',
  );
}

function otherAutoscaler(variable: string, name: string): Check {
  return warn(
    variable,
    `is set, so ${name} may scale this app too: two autoscalers undo each other's changes`,
    `Make sure that ${name} does not scale the same process types.`,
  );
}

/** A dyno has no Redis of its own. */
function ownRedis({ redis, state }: Settings, env: Environment): Check[] {
  if (!isSet(env, 'DYNO')) return [];
  const addresses = state.url === redis.url ? [redis] : [redis, state];
  return addresses
    .filter(({ url }) => isLoopback(new URL(url).hostname))
    .map(({ variable }) =>
      warn(
        variable,
        'points to localhost, which on a dyno is the dyno itself, where no Redis runs',
        `Set ${variable} to the Redis of the app: heroku config:get REDIS_URL -a THE-APP.`,
      ),
    );
}

/** Heroku routes requests to web dynos alone. */
function unreachableDashboard({ http }: Settings, env: Environment): Check[] {
  const type = parseWorkerName(env['DYNO'] ?? '')?.owner;
  if (!http.dashboard || type === undefined || type === 'web' || type === 'run') return [];
  return [
    warn(
      'DASHBOARD',
      `is on, but Heroku routes requests to web dynos only, and this is a ${type} dyno`,
      'Unset DASHBOARD, and run the dashboard as a process type of its own: web: env -u HEROKU_API_KEY drover serve.',
    ),
  ];
}

function unusedRatio({ processType, maxWaitMs }: ProcessTypeSettings, env: Environment): Check[] {
  const variable = [`${prefixOf(processType)}JOBS_PER_WORKER`, 'JOBS_PER_WORKER'].find((name) =>
    isSet(env, name),
  );
  if (maxWaitMs === undefined || variable === undefined) return [];
  return [
    warn(
      variable,
      'is used only until service times are known: MAX_WAIT_SECONDS sizes instead',
      `Unset one of ${variable} and MAX_WAIT_SECONDS.`,
    ),
  ];
}
