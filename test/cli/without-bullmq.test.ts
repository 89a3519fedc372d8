import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { TestEnvironment } from '../support/test-environment.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

let folder: string;
let scene: TestEnvironment;

/** Drover as npm installs it for an app: with its dependencies and nothing else. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-'));
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const name of Object.keys(manifest.dependencies)) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), place);
  }
  scene = await TestEnvironment.start();
});
afterAll(async () => {
  await scene.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(
  args: readonly string[],
  env: Record<string, string> = {},
): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: status, text: `${stdout}${stderr}` };
}

test.each([['run', '--once', '--dry-run'], ['check'], ['plan'], ['status'], ['simulate', '--hours', '1']])(
  'without bullmq, %s works',
  async (...args) => {
    await scene.reset();
    await scene.add('mail', 1);
    // A scene whose platform is in this process cannot answer while this process waits, so only Redis is asked.
    const { text } = run([join(folder, 'dist/main.js'), ...args], {
      ...scene.env,
      HEROKU_API_URL: 'http://127.0.0.1:1',
    });
    expect(text).not.toMatch(/bullmq|ERR_MODULE_NOT_FOUND|unexpected/);
  },
);

test.each(['drover', 'drover/worker', 'drover/standin'])('without bullmq, %s can be imported', (name) => {
  expect(run(['--input-type=module', '-e', `await import('${name}'); console.log('there')`])).toEqual({
    code: 0,
    text: 'there\n',
  });
});

test('without bullmq and ioredis, demo says what is missing and how to get it', () => {
  const demo = (): unknown[] => {
    const { code, text } = run([join(folder, 'dist/main.js'), 'demo', '--for', '5s']);
    return [code, text.replaceAll('\n', ' ')];
  };
  const remedy = 'npm install bullmq ioredis';
  expect(demo()).toEqual([
    1,
    expect.stringMatching(new RegExp(`^drover: .*: bullmq, ioredis\\..*${remedy}`)),
  ]);
  symlinkSync(join(ROOT, 'node_modules/bullmq'), join(folder, 'node_modules/bullmq'));
  expect(demo()).toEqual([1, expect.stringMatching(new RegExp(`^drover: .*: ioredis\\..*${remedy}`))]);
});

test('only the demo imports bullmq', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  const importing = files.filter((name) =>
    /(from|import)[ (]'bullmq'/.test(readFileSync(join(ROOT, 'src', name), 'utf8')),
  );
  expect(importing.toSorted()).toEqual(['standin/demo-app.ts', 'standin/demo-worker.ts']);
});

test('the web process of the Procfile runs without the token of Heroku', () => {
  const procfile = readFileSync(join(ROOT, 'Procfile'), 'utf8');
  expect(procfile).toMatch(/^web: env -u HEROKU_API_KEY node dist\/main\.js serve$/m);
});
