import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { startDrover } from '../support/drover.ts';
import { installPackage, installedPackages, type InstalledPackage } from '../support/installed-package.ts';
import { descendants, isAlive } from '../support/processes.ts';
import { TestEnvironment } from '../support/test-environment.ts';

/*
 * Drover as a user has it: packed, and installed by npm into an app that has neither BullMQ nor a Redis client. Needs the
 * registry of npm, or what it serves in npm's cache.
 */

const ROOT = resolve(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

let installed: InstalledPackage | undefined;
let app: InstalledPackage;
let scene: TestEnvironment;

beforeAll(async () => {
  scene = await TestEnvironment.start();
  installed = await installPackage();
});
afterAll(async () => {
  await scene.stop();
  await installed?.remove();
});
beforeEach(({ skip }) => {
  if (installed === undefined) skip('needs the registry of npm, or its packages in the cache of npm');
  else app = installed;
});

test('an installation runs no script of a package, and npm warns of nothing', async () => {
  const packages = await installedPackages(app);
  expect(Object.keys(packages)).toContain('node_modules/drover');
  expect(Object.keys(packages)).not.toContain('node_modules/bullmq');
  expect(Object.keys(packages).filter((path) => packages[path]?.hasInstallScript === true)).toEqual([]);
  expect(app.output).not.toMatch(/install-scripts|EBADENGINE|ERESOLVE/);
});

test('the tarball is small and has nothing that installs Redis', () => {
  const files = readdirSync(join(app.folder, 'node_modules/drover'), { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(
    expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'dist/main.js', 'dist/LICENSES.txt']),
  );
  expect(files.filter((name) => /^(src|test|bench|scripts|examples)\b/.test(name))).toEqual([]);
  expect(files.length).toBeLessThan(450);
  expect(statSync(app.tarball).size).toBeLessThan(1_200_000);
  const programs = files.filter((name) => /\.c?js$/.test(name));
  const installing = programs.filter((name) =>
    /'(?:apt-get|dpkg|brew)'/.test(readFileSync(join(app.folder, 'node_modules/drover', name), 'utf8')),
  );
  expect(programs).toContain('dist/standin/redis-binary.js');
  expect(installing).toEqual([]);
});

test.each([
  ['plan', /1 job/],
  ['run --once --dry-run', /"msg"/],
  ['status', /No tick/],
])('drover %s works', async (command, answer) => {
  await scene.reset();
  await scene.add('mail', 1);
  const { text } = await app.node(['node_modules/.bin/drover', ...command.split(' ')], scene.env);
  expect(text).toMatch(answer);
});

test('drover demo runs, and ends on Ctrl-C with its summary', async () => {
  const main = join(app.folder, 'node_modules/.bin/drover');
  const demo = startDrover(['demo'], { main });
  await expect.poll(() => demo.printed.stdout).toMatch(/done [1-9]/);
  const below = descendants(demo.child.pid ?? 0);
  const [, url = ''] = /^Dashboard at (http:\S+)$/m.exec(demo.printed.stdout) ?? [];
  const status = async (): Promise<string> => await (await fetch(`${url}/status`)).text();
  await expect.poll(status).toContain('"name":"newsletter"');
  demo.child.kill('SIGINT');
  const { code, stdout } = await demo.ended;
  expect(code).toBe(0);
  expect(stdout).toContain('jobs lost     0');
  expect(below.length).toBeGreaterThan(1);
  await expect.poll(() => below.filter(isAlive)).toEqual([]);
});

const USE = `
const policy = { sizing: { kind: 'backlog', jobsPerWorker: 10 }, min: 0, max: 9, concurrency: 1, bootMs: 0, tickMs: 1, scaleDownDelayMs: 0 };
const done = decide(policy, initialMemory(policy, 0, 0), { at: 0, quantity: 0, queues: [{ name: 'mail', waiting: 25, prioritized: 0, due: 0, dueSoon: 0, active: 0, added: 25, paused: false }] });
console.log(done.decision.to, typeof cooperate, typeof startPlatform);
`;

test.each([
  [
    'import.mjs',
    `import { decide, initialMemory } from 'drover';
import { cooperate } from 'drover/worker';
import { startPlatform } from 'drover/standin';${USE}`,
  ],
  [
    'require.cjs',
    `const { decide, initialMemory } = require('drover');
const { cooperate } = require('drover/worker');
const { startPlatform } = require('drover/standin');${USE}`,
  ],
])('%s loads what Drover exports', async (name, text) => {
  await app.write(name, text);
  expect(await app.node([name])).toEqual({ code: 0, text: '3 function function\n' });
});

test('a CommonJS program needs no support of Node for requiring ES modules', async () => {
  const { code, text } = await app.node(['--no-experimental-require-module', 'require.cjs']);
  expect({ code, text }).toEqual({ code: 0, text: '3 function function\n' });
});

const TYPED = `import { decide, initialMemory, type Decision, type Policy } from 'drover';
import { cooperate, type Cooperation } from 'drover/worker';
import { startPlatform, startRedisServer, type Platform } from 'drover/standin';

const policy: Policy = {
  sizing: { kind: 'wait', maxWaitMs: 60_000 },
  min: 1,
  max: 5,
  concurrency: 1,
  bootMs: 30_000,
  tickMs: 10_000,
  scaleDownDelayMs: 60_000,
};
export const decision: Decision = decide(policy, initialMemory(policy, 1, 0), { at: 0, quantity: 1, queues: [] }).decision;
export const start: (worker: Parameters<typeof cooperate>[0]) => Cooperation = (worker) => cooperate(worker);
export const platform: Promise<Platform> = startPlatform({ apps: [] });
export const redis = startRedisServer;
// @ts-expect-error: the names of sizing rules are typed
policy.sizing = { kind: 'waiting' };
`;

test.each([
  ['node16', ['typed.mts', 'typed.cts'], ['--module', 'node16']],
  ['bundler', ['typed.ts'], ['--module', 'esnext', '--moduleResolution', 'bundler']],
])('TypeScript finds the types: %s', async (_, names, options) => {
  for (const name of names) await app.write(name, TYPED);
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023'];
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
  expect(await app.node([TSC, ...options, ...strict, ...types, ...names])).toEqual({ code: 0, text: '' });
});

test('publint and arethetypeswrong find nothing', async () => {
  const tarball = readFileSync(app.tarball);
  const pack = { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) };
  expect((await publint({ pack, strict: true })).messages).toEqual([]);
  const verdict = await checkPackage(createPackageFromTarballData(tarball));
  expect(verdict.types && Object.keys(verdict.entrypoints)).toEqual([
    '.',
    './worker',
    './standin',
    './package.json',
  ]);
  expect(verdict.types && verdict.problems).toEqual([]);
});
