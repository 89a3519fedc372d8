import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { parseEnv } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { passed } from '../../src/cli/checks/check.ts';
import { runChecks } from '../../src/cli/checks/run.ts';
import { settingsFrom } from '../../src/cli/settings.ts';
import { folderAt } from '../../src/cli/init/folder.ts';
import { Cancelled, defaults, terminalPrompt, type Prompt } from '../../src/cli/init/prompt.ts';
import { setUp as init } from '../../src/cli/init/set-up.ts';
import { widthOf } from '../../src/cli/views/width.ts';
import { drover } from '../support/drover.ts';
import { SetUp } from './mis-set-ups.ts';

let app: SetUp;
let folder: string;

beforeAll(async () => {
  app = await SetUp.start();
});
afterAll(async () => {
  await app.stop();
});
beforeEach(async () => {
  await app.reset();
  folder = mkdtempSync(join(tmpdir(), 'drover-init-'));
  git('init', '-q');
});
afterEach(async () => {
  await app.undo();
  rmSync(folder, { recursive: true });
});

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** The environment of a developer: where Redis is, and a token. */
function shell(): Record<string, string> {
  const { QUEUES: _, ...rest } = app.env;
  return rest;
}

async function runInit(prompt: Prompt = defaults, env = shell()): Promise<string> {
  const lines: string[] = [];
  const outputFor = (secrets: readonly string[]) => ({
    answer: (text: string) => void lines.push(text),
    note: (text: string) => void lines.push(`${text}${secrets.length}`),
  });
  await init({ env, folder: folderAt(folder), prompt, outputFor });
  const text = lines.join('\n');
  expect(text.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  expect(text).not.toContain(app.platform.token);
  return text;
}

/** Jobs that a queue has completed within the last hour, each after a wait. */
async function completed(jobs: number, waitMs: number): Promise<void> {
  const now = Date.now();
  const pipeline = app.redis.pipeline();
  for (let index = 0; index < jobs; index += 1) {
    const endedAt = now - 1000 * index;
    const times = { timestamp: endedAt - 500 - waitMs, processedOn: endedAt - 500, finishedOn: endedAt };
    pipeline.hset(`bull:mail:${index}`, { ...times, opts: '{}' }).zadd('bull:mail:completed', endedAt, index);
  }
  await pipeline.exec();
}

describe('with --yes', () => {
  test('for Kubernetes it names the document to follow, and writes nothing', async () => {
    await expect(runInit(defaults, { ...shell(), PLATFORM: 'kubernetes' })).rejects.toMatchObject({
      problems: [{ variable: 'PLATFORM', message: expect.stringContaining('follow docs/kubernetes.md') }],
    });
    expect(existsSync(join(folder, '.env'))).toBe(false);
  });

  test('a fresh folder gets settings with which check finds nothing wrong', async () => {
    const text = await runInit();
    expect(parseEnv(read('.env'))).toEqual({
      ...shell(),
      QUEUES: 'mail',
      MIN_WORKERS: '1',
      MAX_WORKERS: '20',
      MAX_WAIT_SECONDS: '60',
    });
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    expect(read('.gitignore')).toBe('.env\n');
    expect(read('Procfile')).toBe('clock: drover run\n');
    expect(git('status', '--short', '-uall').split('\n').toSorted()).toEqual([
      '',
      '?? .gitignore',
      '?? Procfile',
    ]);
    const written = parseEnv(read('.env'));
    const { settings, hints } = settingsFrom(written);
    expect(passed(await runChecks(settings, hints, written))).toBe(true);
    expect(text).toContain('HEROKU_API_KEY="$(heroku authorizations:create -s write -d drover -S)"');
    // `config:set` would print it.
    expect(text).toMatch(/^ {4}HEROKU_API_KEY=.* \\\n {4}> \/dev\/null$/m);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Done: .gitignore has .env; .env has the settings, and is readable by you alone; the Procfile has the clock.',
    );
    expect(text).toMatch(/^ {4}QUEUES=mail \\$/m);
    expect(text).not.toMatch(/REDIS_URL=/);
  });

  test('what is in the files stays, and a second run changes nothing', async () => {
    write('.env', '# ours\nexport QUEUES="reports"\nSECRET_KEY_BASE=abc # rails\nMAX_WORKERS=7\n');
    chmodSync(join(folder, '.env'), 0o644);
    write('.gitignore', 'node_modules');
    write('Procfile', 'web: node web.js\nclock: node cron.js\nworker: node worker.js');
    write('package.json', '{ "dependencies": { "drover": "^0.1.0" } }');
    const text = await runInit();
    expect(read('.env')).toMatch(
      /^# ours\nexport QUEUES="reports"\nSECRET_KEY_BASE=abc # rails\nMAX_WORKERS=7\n\n# Drover\n/,
    );
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
    expect(read('.gitignore')).toBe('node_modules\n.env\n');
    expect(read('Procfile')).toBe(
      'web: node web.js\nclock: node cron.js\nworker: node worker.js\ndrover: drover run\n',
    );
    expect(text).not.toContain('npm install drover');
    const before = readdirSync(folder).map((name) => [name, name === '.git' ? '' : read(name)]);
    expect(await runInit()).toContain('The files have everything already.');
    expect(readdirSync(folder).map((name) => [name, name === '.git' ? '' : read(name)])).toEqual(before);
  });

  test('no secret goes into a file that git tracks', async () => {
    write('.env', 'PORT=3000\n');
    git('add', '.env');
    expect(await runInit()).toContain('Git tracks .env, so no secret is written to it.');
    expect(read('.env')).toBe('PORT=3000\n');
    expect(existsSync(join(folder, '.gitignore'))).toBe(false);
    expect(read('Procfile')).toBe('clock: drover run\n');
  });

  test('an ignored .env leaves .gitignore as it is', async () => {
    write('.gitignore', '.env*\n');
    await runInit();
    expect(read('.gitignore')).toBe('.env*\n');
  });

  test('the app comes from the git remote, the process types from the Procfile without a token', async () => {
    git('remote', 'add', 'heroku', 'https://git.heroku.com/shop-prod.git');
    write('Procfile', 'web: a\nmailer: b\n');
    const text = await runInit(defaults, { REDIS_URL: app.redisUrl });
    expect(parseEnv(read('.env'))).toMatchObject({ HEROKU_APP_NAME: 'shop-prod', PROCESS_TYPE: 'mailer' });
    expect(text).toContain('>> .env');
  });

  test('without an app it says what is missing, and writes nothing', async () => {
    await expect(runInit(defaults, { REDIS_URL: app.redisUrl })).rejects.toMatchObject({
      problems: [{ variable: 'HEROKU_APP_NAME' }],
    });
    expect(readdirSync(folder)).toEqual(['.git']);
  });

  test('without a queue it says what is missing, and writes nothing', async () => {
    await app.redis.del('bull:mail:meta');
    await expect(runInit()).rejects.toMatchObject({ problems: [{ variable: 'QUEUES' }] });
    expect(readdirSync(folder)).toEqual(['.git']);
  });

  test('the prefix with the most queues is chosen, and queues that workers serve', async () => {
    await app.redis.hset('shop:mail:meta', 'version', 'bullmq:6');
    await app.redis.hset('shop:old:meta', 'version', 'bullmq:6');
    await runInit();
    expect(parseEnv(read('.env'))).toMatchObject({ BULLMQ_PREFIX: 'shop', QUEUES: 'mail,old' });
    rmSync(join(folder, '.env'));
    await app.redis.del('shop:mail:meta', 'shop:old:meta');
    await app.redis.hset('bull:old:meta', 'version', 'bullmq:6');
    await runInit();
    expect(parseEnv(read('.env'))).toMatchObject({ QUEUES: 'mail' });
  });

  test('the last hour is replayed from the jobs that Redis has', async () => {
    expect(await runInit()).toContain('too few completed jobs');
    await completed(120, 90_000);
    const text = await runInit();
    expect(text).toMatch(/^The last 60 minutes: 120 completed jobs in Redis\.$/m);
    expect(text).toMatch(/^ {2}actual: +p95 wait 1 min 30 s, 2\.0 dyno-hours with 2 dynos as now$/m);
    expect(text).toMatch(
      /^ {2}with Drover: p95 wait \d+ s, [01]\.\d dyno-hours, at most \d dynos? at once$/m,
    );
  });
});

describe('on a terminal', () => {
  /** Types the answers, one for each question; `null`: Ctrl-C. */
  function typing(answers: readonly (string | null)[]): { prompt: Prompt; shown: () => string } {
    const [input, output] = [new PassThrough(), new PassThrough()];
    let text = '';
    let asked = 0;
    output.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (!/(?:: |\[Y\/n\] )$/.test(part)) return;
      const answer = answers[asked];
      asked += 1;
      if (answer === null) input.end();
      else input.write(`${answer ?? ''}\n`);
    });
    return { prompt: terminalPrompt(input, output), shown: () => text };
  }

  test('at most five questions are asked, and a wrong answer once more', async () => {
    const { prompt, shown } = typing(['', 'zero', '30', '', '8', 'y']);
    await runInit(prompt);
    expect(shown().match(/(?:: |\[Y\/n\] )/g)).toHaveLength(6);
    expect(shown()).toContain('must be a number of seconds');
    expect(shown()).toContain('Process type to scale (worker, mailer) [worker]: ');
    expect(shown()).toContain('Most dynos at once; 20 all month are $500 [20]: ');
    expect(parseEnv(read('.env'))).toMatchObject({ MAX_WAIT_SECONDS: '30', MAX_WORKERS: '8' });
  });

  test.each([1, 2, 3, 4, 5])('leaving at question %i writes nothing', async (question) => {
    const { prompt } = typing([...Array.from({ length: question - 1 }, () => ''), null]);
    await expect(runInit(prompt)).rejects.toBeInstanceOf(Cancelled);
    expect(readdirSync(folder)).toEqual(['.git']);
  });

  test('a no at the end writes nothing, and still shows the commands', async () => {
    const text = await runInit(typing(['', '', '', '', 'n']).prompt);
    expect(text).toContain('Nothing was written.');
    expect(text).toContain('heroku config:set -a my-app');
    expect(readdirSync(folder)).toEqual(['.git']);
  });
});

describe('the command', () => {
  test('needs --yes without a terminal', async () => {
    const { code, stderr } = await drover(['init'], { env: shell() });
    expect([code, stderr]).toEqual([2, expect.stringContaining('--yes is needed')]);
  });

  test('--settings reads a file, which the environment overrides', async () => {
    const { HEROKU_APP_NAME: _, ...rest } = app.env;
    write('drover.env', 'HEROKU_APP_NAME=my-app\nQUEUES=other\n');
    const { code, stdout } = await drover(['--settings', join(folder, 'drover.env'), 'check'], { env: rest });
    expect(stdout).toMatch(/^✓ queue mail /m);
    expect(code).toBe(0);
    const none = await drover(['--settings', join(folder, 'none.env'), 'check']);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot read .*none\.env \(ENOENT\)/),
    ]);
  });
});
