import { cleanText } from '../../adapters/bullmq/queue-names.ts';
import type { ProcessFacts } from '../../adapters/heroku/preflight.ts';
import { documentedLimits } from '../../heroku-sizes.ts';
import { counted, number, span } from '../views/figures.ts';
import { table } from '../views/table.ts';
import { folded } from '../views/wrap.ts';
import { namingOf, type FoundInRedis, type FoundOnHeroku } from './found.ts';
import type { Replay } from './replay.ts';

/** A longer list helps no one to choose. */
const MOST_ROWS = 15;

/** The queues and what they hold. */
export function redisText({ prefix, queues, read, workers }: FoundInRedis): string {
  if (queues.length === 0) {
    return folded(
      `No queue was found in this Redis${prefix === 'bull' ? '' : ` under the prefix ${cleanText(prefix)}`}. Start the app once, so that it creates its queues, or set QUEUES.`,
    ).join('\n');
  }
  const shown = read.slice(0, MOST_ROWS);
  const left = queues.length - shown.length;
  return [
    `Redis has ${number(queues.length)} ${queues.length === 1 ? 'queue' : 'queues'} under the prefix ${cleanText(prefix)}:`,
    ...table([
      ['  queue', 'waiting', 'active', 'added', 'workers', ''],
      ...shown.map((queue) => [
        `  ${queue.name}`,
        number(queue.waiting + queue.prioritized + queue.due),
        number(queue.active),
        number(queue.added),
        workers === undefined ? '?' : number(workers.filter((worker) => worker.queue === queue.name).length),
        queue.paused ? 'paused' : '',
      ]),
    ]),
    ...(left > 0 ? [`  and ${number(left)} more`] : []),
  ].join('\n');
}

/** The app's process types and what Heroku allows. */
export function herokuText(appName: string, { generation, formation }: FoundOnHeroku): string {
  if (formation.length === 0) return `${appName} has no process types yet: deploy it once.`;
  const rows = formation.map(({ processType, quantity, size }) => `${processType} ${quantity} (${size})`);
  return folded(
    `${appName} on Heroku (${generation}) has ${rows.join(', ')}; up to ${documentedLimits(generation, '').perApp} dynos in all by default.`,
  ).join('\n');
}

const WORKERS = {
  cooperating: 'The workers cooperate: dynos drain before they are removed.',
  named:
    'The workers are named after their dyno: Drover scales down to the highest-numbered dyno that runs a job.',
  unnamed:
    'The workers are not named after their dyno, so Drover scales down only while no job runs. Better: cooperate(worker) from drover/worker, or new Worker(…, { name: process.env.DYNO }).',
  none: 'No worker is connected to this Redis now.',
} as const;

/** What the workers allow when dynos are to be removed. */
export function workersText({ workers = [] }: FoundInRedis, cooperating: boolean): string {
  return folded(WORKERS[cooperating ? 'cooperating' : namingOf(workers)]).join('\n');
}

/** What the settings would have done, and what that is based on. */
export function replayText(replay: Replay | undefined, row: ProcessFacts | undefined): string {
  if (replay === undefined) {
    return folded(
      'Redis keeps too few completed jobs of the last hour to replay them (removeOnComplete). `drover plan` shows what Drover would do now.',
    ).join('\n');
  }
  const { jobs, spanMs, p95BeforeS, p95S, dynoHours, peak } = replay;
  const before = p95BeforeS === undefined ? [] : [`p95 wait ${span(p95BeforeS * 1000)}`];
  const fleet =
    row === undefined
      ? []
      : [
          `${((row.quantity * spanMs) / 3_600_000).toFixed(1)} dyno-hours with ${counted(row.quantity, 'dyno')} as now`,
        ];
  const actual = [...before, ...fleet];
  return [
    `The last ${spanMs / 60_000} minutes: ${number(jobs)} completed jobs in Redis.`,
    ...(actual.length === 0 ? [] : [`  actual:      ${actual.join(', ')}`]),
    `  with Drover: p95 wait ${span(p95S * 1000)}, ${dynoHours.toFixed(1)} dyno-hours, at most ${counted(peak, 'dyno')} at once`,
    ...folded(
      '  Simulated with these settings on the arrival and running times of those jobs, from an idle start, with dynos that boot in 20 to 40 s. Jobs that Redis no longer has are missing.',
    ),
  ].join('\n');
}

/** Created as the command runs: it is neither typed nor in the shell's history. */
const TOKEN = 'HEROKU_API_KEY="$(heroku authorizations:create -s write -d drover -S)"';

const TOKEN_TO_ENV = [
  '  heroku authorizations:create -s write -d drover -S \\',
  "    | sed 's/^/HEROKU_API_KEY=/' >> .env",
];

export type NextSteps = {
  /** Whether `.env` has what a local run needs. */
  readonly runnable: boolean;
  /** Whether a token is set. */
  readonly token: boolean;
  /** Whether package.json lists drover. */
  readonly installed: boolean;
  /** Whether .gitignore was changed. */
  readonly ignored: boolean;
};

/** The commands from here to a running clock. */
export function nextSteps(
  appName: string,
  values: Readonly<Record<string, string>>,
  { runnable, token, installed, ignored }: NextSteps,
): string {
  const here = [
    '',
    'Try it here; neither changes anything:',
    ...(token ? [] : TOKEN_TO_ENV),
    '  npx drover --settings .env check',
    '  npx drover --settings .env plan',
  ];
  return [
    ...(runnable ? here : []),
    '',
    'Deploy it (with labs:enable, Heroku sets HEROKU_APP_NAME on the dynos):',
    ...(installed ? [] : ['  npm install drover']),
    `  heroku labs:enable runtime-dyno-metadata -a ${appName}`,
    configCommand(appName, values),
    `  git add Procfile ${ignored ? '.gitignore ' : ''}package*.json && git commit -m 'Add Drover'`,
    '  git push heroku main',
    `  heroku ps:scale clock=1 -a ${appName}`,
    '',
    'It starts as a shadow: it changes nothing, and keeps what it would have done.',
    'After a day or a week, compare; then let it scale:',
    `  heroku run drover report -a ${appName}`,
    `  heroku config:unset DRY_RUN -a ${appName}`,
  ].join('\n');
}

/** One assignment a line. `config:set` prints the values, so its output would have the token. */
function configCommand(appName: string, values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({ ...values, DRY_RUN: 'shadow' }).map(
    ([name, value]) => `${name}=${shellQuoted(value)}`,
  );
  return [
    `  heroku config:set -a ${appName}`,
    ...[...pairs, TOKEN, '> /dev/null'].map((pair) => `    ${pair}`),
  ].join(' \\\n');
}

function shellQuoted(value: string): string {
  return /^[\w./:@%+,=-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
