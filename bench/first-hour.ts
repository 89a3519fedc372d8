/**
 * The first hour with Drover, as a user has it: from the tarball in an empty folder to the first change of a quantity.
 * Prints the page: `npm run --silent bench -- first-hour > docs/first-hour.md`. SHADOW_SECONDS (360) is how long the
 * shadow runs; the app runs half of that before.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { emptyMachine } from './first-hour/empty-machine.ts';
import { pageOf, type Part } from './first-hour/page.ts';
import { cooperating, HEROKU, SHOP } from './first-hour/shop.ts';
import { Terminal, type Typed } from './first-hour/terminal.ts';

const SHADOW_MS = Number(process.env['SHADOW_SECONDS'] ?? 360) * 1000;
const DEMO_MS = 25_000;
/** Longer than a boot of the clock, a burst and the scale-down delay. */
const MOST_UNTIL_CHANGE_MS = 180_000;
const POLL_MS = 500;
const MOST_LINES = 30;

type Config = Readonly<Record<'REDIS_URL' | 'HEROKU_API_KEY' | 'HEROKU_API_URL', string>>;

const machine = await emptyMachine();
const terminal = new Terminal(machine);
const parts: Part[] = [];
let config: Config | undefined;
const stop = (): void => void terminal.close();
process.once('SIGINT', stop).once('SIGTERM', stop);
try {
  await curiosity();
  await ownApp();
  await shadow(await setUp());
  await scaling();
  process.stdout.write(published(pageOf(await introduction(), parts)));
} finally {
  await terminal.close();
  await machine.remove();
}

async function curiosity(): Promise<void> {
  parts.push({
    title: 'The demo',
    text: 'An empty folder and an empty home, with Node, npm and a Redis server installed. Ctrl-C ends the demo.',
    typed: [
      { ...(await terminal.type('npm init -y')), most: 4 },
      await terminal.type('npm install ../drover-0.1.0.tgz'),
      { ...(await terminal.type('npx drover demo', { ctrlCAfterMs: DEMO_MS })), most: MOST_LINES },
    ],
  });
}

/** The app that is there before Drover, with five workers and a past. */
async function ownApp(): Promise<void> {
  await write('package.json', await packageJson());
  for (const [name, text] of Object.entries(SHOP)) await write(name, text);
  await write('heroku.js', HEROKU);
  const installed = await terminal.type('npm install bullmq ioredis');
  const heroku = terminal.start('node heroku.js');
  while (!heroku().includes('\n')) await delay(100);
  config = JSON.parse(heroku()) as Config;
  terminal.export({ ...config, HEROKU_APP_NAME: 'shop', HEROKU_HOST: config.HEROKU_API_URL });
  terminal.start('node traffic.js');
  await delay(SHADOW_MS / 2);
  parts.push({
    title: 'An app of your own',
    text: `A small app with BullMQ takes the place of yours. \`heroku.js\` takes the place of Heroku and its Redis, with the
[stand-in](standin.md) that is part of the package: it runs the lines of the Procfile as dynos. It has no \`git push\`, so
its formation has a \`clock\` from the start. In the shell are set what \`heroku.js\` prints, and \`HEROKU_HOST\` for Heroku's
own command line.`,
    files: { ...SHOP, 'heroku.js': HEROKU },
    typed: [installed, ...(await typeAll('heroku ps -a shop'))],
  });
}

/** Returns the command that sets the config vars, as `init` prints it. */
async function setUp(): Promise<string> {
  const init = await terminal.type('npx drover init --yes');
  await write('worker.js', cooperating(SHOP['worker.js']));
  parts.push({
    title: 'Set up',
    text: `\`init\` reads Redis and the app. The token of the stand-in may do everything, as Heroku's command line needs it to
read config vars; a token of your own is created by the command that \`init\` prints. Then \`worker.js\` gets the line
\`cooperate(worker)\`, and the workers start again.`,
    typed: [
      init,
      ...(await typeAll(
        'npx drover --settings .env check',
        'npx drover --settings .env plan',
        'heroku ps:restart --process-type worker -a shop',
      )),
    ],
  });
  return /heroku config:set[^]*?> \/dev\/null/.exec(init.output)?.[0] ?? '';
}

async function shadow(configSet: string): Promise<void> {
  const command = configSet
    .replaceAll(/^ {2}/gm, '')
    .replace(/"\$\(heroku authorizations[^"]*"/, '"$HEROKU_API_KEY"')
    .replace('DRY_RUN=shadow', "DRY_RUN=shadow SCHEDULE='*/5 * * * * *'");
  parts.push({
    title: 'Shadow',
    text: `The commands of \`init\`, with the token of the stand-in, and a tick every five seconds instead of ten for so short a
time. Then ${SHADOW_MS / 60_000} minutes pass.`,
    typed: await typeAll(command, 'heroku ps:scale clock=1 -a shop'),
  });
  await delay(SHADOW_MS);
}

async function scaling(): Promise<void> {
  const report = await typeAll('npx drover --settings .env status', 'npx drover --settings .env report');
  const unset = await typeAll('heroku config:unset DRY_RUN -a shop');
  await firstChange();
  parts.push({
    title: 'Scaling',
    text: `After a day or a week: what was, and what Drover would have done. One command ends the shadow: the clock starts again,
with what the shadow learned, and changes the quantity for the first time.`,
    typed: [
      ...report,
      ...unset,
      ...(await typeAll(
        "grep -o 'worker: set to [^\"]*' dynos.log",
        'heroku ps -a shop',
        'npx drover --settings .env status',
      )),
    ],
  });
}

async function firstChange(): Promise<void> {
  const deadline = performance.now() + MOST_UNTIL_CHANGE_MS;
  while (!(await readFile(join(machine.folder, 'dynos.log'), 'utf8')).includes('worker: set to')) {
    if (performance.now() > deadline) throw new Error('Drover has changed nothing');
    await delay(POLL_MS);
  }
}

async function typeAll(...commands: readonly string[]): Promise<Typed[]> {
  const typed = [];
  for (const command of commands) typed.push(await terminal.type(command));
  return typed;
}

async function write(name: string, text: string): Promise<void> {
  await writeFile(join(machine.folder, name), text);
}

/** ES modules, as the app is written in them. */
async function packageJson(): Promise<string> {
  const text = await readFile(join(machine.folder, 'package.json'), 'utf8');
  return JSON.stringify({ ...(JSON.parse(text) as object), type: 'module' }, null, 2);
}

async function introduction(): Promise<string> {
  const { version } = JSON.parse(
    await readFile(join(machine.folder, 'node_modules/bullmq/package.json'), 'utf8'),
  ) as { version: string };
  return `From \`npm install\` to the first change of a quantity, as \`npm run bench -- first-hour\` types it: with Node
${process.version.slice(1)}, BullMQ ${version} and Heroku's command line, on a machine with ${cpus().length} cores that had other work. While
Drover is not on the npm registry, \`npm pack\` in a checkout makes the file that is installed.

"At" is the time in minutes and seconds since the start, "takes" how long a command ran.`;
}

/** Without the paths of this machine. Throws where a secret or a host of a registry would be in it. */
function published(text: string): string {
  const { REDIS_URL = '', HEROKU_API_KEY = '' } = config ?? {};
  const registry = new URL(machine.env['npm_config_registry'] ?? '').host;
  for (const secret of [HEROKU_API_KEY, new URL(REDIS_URL).password, registry]) {
    const at = text.indexOf(secret);
    if (at >= 0)
      throw new Error(`a secret or a registry is in the transcript, after ${text.slice(at - 200, at)}`);
  }
  return machine.withoutPaths(text);
}
