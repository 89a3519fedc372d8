import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { SPEC } from '../../src/config/spec.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = resolve(ROOT, 'examples/newsletter');

type Package = {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly engines: unknown;
};

function read(folder: string, name: string): string {
  return readFileSync(resolve(folder, name), 'utf8');
}

const root = JSON.parse(read(ROOT, 'package.json')) as Package;
const example = JSON.parse(read(EXAMPLE, 'package.json')) as Package;
const readme = read(EXAMPLE, 'README.md');

describe('what needs no installation of the example', () => {
  test('every command of its README exists', () => {
    const commands = [...readme.matchAll(/npm (?:run )?(test|(?<=run )[a-z-]+)/g)].map(
      ([, name = '']) => name,
    );
    expect(new Set(commands)).toEqual(new Set(['example', 'test', 'report-memory', 'size']));
    expect(Object.keys(example.scripts)).toEqual(expect.arrayContaining(commands));
    expect(root.scripts['example']).toContain('examples/newsletter');
  });

  test('every file that its README links to exists', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !existsSync(resolve(EXAMPLE, path)))).toEqual([]);
  });

  test('its Procfile runs web, worker and Drover from what a build leaves', () => {
    const lines = read(EXAMPLE, 'Procfile').trim().split('\n');
    const programs = lines.map((line) => /^(\w+): (?:node dist\/(\w+)\.js|drover run)$/.exec(line));
    expect(programs.map((match) => match?.[1])).toEqual(['release', 'web', 'worker', 'clock']);
    const sources = programs.flatMap((match) => (match?.[2] === undefined ? [] : [`src/${match[2]}.ts`]));
    expect(sources).toHaveLength(3);
    expect(sources.filter((path) => !existsSync(resolve(EXAMPLE, path)))).toEqual([]);
  });

  test('it is set by settings that Drover has', () => {
    const config = /CONFIG: .*?= \{(.*?)\n\};/s.exec(read(EXAMPLE, 'src/local/burst.ts'))?.[1] ?? '';
    const names = [...config.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = '']) => name);
    expect(names).toContain('QUEUES');
    expect(names.filter((name) => !Object.hasOwn(SPEC, name))).toEqual([]);
  });

  test('it and Drover agree on versions', () => {
    const ours = { ...root.dependencies, ...root.devDependencies };
    const theirs = Object.entries({ ...example.dependencies, ...example.devDependencies });
    const shared = theirs.filter(([name]) => Object.hasOwn(ours, name));
    expect(shared.map(([name]) => name)).toEqual(
      expect.arrayContaining(['bullmq', 'fastify', 'ioredis', 'valibot']),
    );
    expect(shared.filter(([name, version]) => ours[name] !== version)).toEqual([]);
    expect(example.dependencies['drover']).toBe('file:../..');
    expect(example.engines).toEqual(root.engines);
  });
});
