import type { ProcessFacts } from '../../adapters/heroku/preflight.ts';
import type { ProcessTypeSettings } from '../../config/settings.ts';
import { sumOf } from '../../core/sum.ts';
import { documentedLimits, findSize } from '../../heroku-sizes.ts';
import { fail, pass, warn, type Check } from './check.ts';

/** What Heroku reports of the app. */
export type AppFacts = {
  readonly generation: string;
  readonly formation: readonly ProcessFacts[];
  /** Absent: not listed, so no size is refused. */
  readonly sizes: readonly string[] | undefined;
  readonly dynos: readonly { readonly processType: string; readonly state: string }[];
};

/** `drover run` in a Procfile, or the same in a checkout; `--once` is started by a scheduler. */
const CLOCK_COMMAND = /(?:\bdrover|\bmain\.js)\s+run\b(?!.*--once)/;

/** Whether the process type exists and can be scaled between its bounds. */
export function checkProcessType(settings: ProcessTypeSettings, facts: AppFacts): Check[] {
  const { processType } = settings;
  const name = `process type ${processType}`;
  const row = facts.formation.find((candidate) => candidate.processType === processType);
  if (!row) return [missingType(name, facts)];
  return [
    scalable(name, row),
    ...sizeChecks(settings, row, facts),
    ...limitChecks(settings, row, facts),
    ...crashCheck(processType, facts),
    ...generationCheck(processType, facts),
  ];
}

/** The clock's own process: whether exactly one runs, and it does not scale itself. */
export function checkClockDynos(
  { formation }: AppFacts,
  processTypes: readonly ProcessTypeSettings[],
): Check[] {
  const clocks = formation.filter(({ command }) => CLOCK_COMMAND.test(command));
  const scaled = new Set(processTypes.map(({ processType }) => processType));
  return clocks.flatMap(({ processType, quantity }) => {
    const name = `clock ${processType}`;
    if (scaled.has(processType)) {
      return [
        fail(
          name,
          `${processType} is the process type that Drover itself runs as: scaling it would stop Drover`,
          'Correct PROCESS_TYPE, or run Drover as a process type of its own.',
        ),
      ];
    }
    const set = `Run heroku ps:scale ${processType}=1.`;
    if (quantity === 0) return [warn(name, 'scaled to 0: nothing scales the workers', set)];
    if (quantity === 1) return [pass(name, 'one dyno')];
    return [warn(name, `scaled to ${quantity}: one of them acts, and the others only cost`, set)];
  });
}

function missingType(name: string, { formation }: AppFacts): Check {
  const known = formation.map(({ processType }) => processType).join(', ');
  if (known === '') {
    return fail(
      name,
      'not in the formation, which has no process types yet',
      'Deploy the app once; its Procfile has to have the process type.',
    );
  }
  return fail(
    name,
    `not in the formation, which has ${known}`,
    'Correct PROCESS_TYPE, or add it to the Procfile and deploy. If Drover is an app of its own, set TARGET_APP_NAME to the app that is scaled.',
  );
}

function scalable(name: string, { processType, quantity, size }: ProcessFacts): Check {
  if (processType !== 'web') return pass(name, `${quantity} of size ${size}`);
  return fail(
    name,
    'receives the HTTP requests: scaled by the queues, the site would have too few dynos, or none',
    'Run the workers as a process type of their own, such as worker, and set PROCESS_TYPE to it.',
  );
}

function sizeChecks(
  { processType, dynoSize }: ProcessTypeSettings,
  row: ProcessFacts,
  facts: AppFacts,
): Check[] {
  const name = `size of ${processType}`;
  if (
    dynoSize !== undefined &&
    facts.sizes?.some((known) => known.toLowerCase() === dynoSize.toLowerCase()) === false
  ) {
    return [
      fail(
        name,
        `dyno size ${dynoSize} does not exist for this app`,
        `Set DYNO_SIZE to one of ${facts.sizes.join(', ')}.`,
      ),
    ];
  }
  const size = dynoSize ?? row.size;
  const tier = findSize(size)?.tier;
  const other = facts.formation.find(
    (candidate) => candidate.processType !== processType && findSize(candidate.size)?.tier !== tier,
  );
  if (dynoSize !== undefined && tier !== undefined && other !== undefined) {
    return [
      fail(
        name,
        `${dynoSize} cannot be mixed with the ${other.size} dynos of ${other.processType}: Heroku refuses the change`,
        'Use sizes of one tier for all process types of the app.',
      ),
    ];
  }
  if (tier !== 'Eco' && tier !== 'Basic') return [];
  return [
    warn(
      name,
      `${size} allows one dyno per process type${tier === 'Eco' ? ', which sleeps with the web dyno' : ''}: there is nothing to scale but 0 and 1`,
      `Use a larger size: heroku ps:type ${processType}=standard-1x.`,
    ),
  ];
}

function limitChecks(
  { processType, dynoSize, min, max }: ProcessTypeSettings,
  row: ProcessFacts,
  facts: AppFacts,
): Check[] {
  const size = dynoSize ?? row.size;
  const name = `limit of ${processType}`;
  const { perApp, perType } = documentedLimits(facts.generation, size);
  const limit = Math.min(perApp, perType);
  const remedy = 'Lower it, use a larger size, or ask Heroku to raise the limit.';
  if (min > limit) {
    return [
      fail(name, `MIN_WORKERS is ${min}; Heroku allows ${limit} dynos of size ${size} by default`, remedy),
    ];
  }
  if (max > limit) {
    return [
      warn(name, `MAX_WORKERS is ${max}; Heroku allows ${limit} dynos of size ${size} by default`, remedy),
    ];
  }
  const others = sumOf(facts.formation, (each) => (each.processType === processType ? 0 : each.quantity));
  if (max + others <= perApp) return [];
  return [
    warn(
      name,
      `MAX_WORKERS is ${max} and the other process types have ${others}; Heroku allows ${perApp} dynos per app by default`,
      `Lower MAX_WORKERS to ${Math.max(1, perApp - others)}, or ask Heroku to raise the limit.`,
    ),
  ];
}

function crashCheck(processType: string, { dynos }: AppFacts): Check[] {
  const own = dynos.filter((dyno) => dyno.processType === processType);
  const crashed = own.filter(({ state }) => state === 'crashed').length;
  if (crashed === 0) return [];
  return [
    warn(
      `dynos of ${processType}`,
      `${crashed} of ${own.length} crashed: they count as capacity, and process nothing`,
      `Find the cause in their log: heroku logs -d ${processType}. Then restart them: heroku ps:restart ${processType}.`,
    ),
  ];
}

/** Fir gives no number to a dyno, and does not document which one it stops. */
function generationCheck(processType: string, { generation }: AppFacts): Check[] {
  if (generation !== 'fir') return [];
  return [
    warn(
      `dynos of ${processType}`,
      'on Fir it is not known which dyno a scale-down stops: without cooperate(worker), Drover waits until no job is running',
      'Use cooperate(worker), and let workers finish within 30 s of SIGTERM.',
    ),
  ];
}
