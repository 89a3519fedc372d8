import { resolve } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { checksText, MARKS } from '../../src/cli/checks/check.ts';
import { runChecks } from '../../src/cli/checks/run.ts';
import { settingsFrom } from '../../src/cli/settings.ts';
import { SettingsError } from '../../src/cli/errors.ts';
import { widthOf } from '../../src/cli/views/width.ts';
import { SetUp, type MisSetUp } from './mis-set-ups.ts';
import { clusterFor, kedaClusterFor } from './mis-set-up-rows-kubernetes.ts';
import { MIS_SET_UPS } from './mis-set-up-rows.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/check.md');

/** One line of `drover check`. */
type Line = { readonly shows: string; readonly detail: string; readonly remedy: string };

let setUp: SetUp;
/** What was printed about each mis-set-up, by its name. */
const printed = new Map<string, Line>();

beforeAll(async () => {
  setUp = await SetUp.start();
});
afterAll(async () => {
  await setUp.stop();
});
beforeEach(async () => {
  await setUp.reset();
});
afterEach(async () => {
  await setUp.undo();
});

async function check({
  from,
  now,
}: Pick<MisSetUp, 'from' | 'now'>): Promise<{ exitCode: number; lines: Line[] }> {
  const env = { ...setUp.env, ...(await from(setUp)) };
  try {
    const { settings, hints } = settingsFrom(env);
    const checks = await runChecks(settings, hints, env, now ? { now } : undefined);
    const tooWide = checksText(checks)
      .split('\n')
      .filter((line) => widthOf(line) > 80);
    expect(tooWide).toEqual([]);
    return {
      exitCode: checks.some(({ state }) => state === 'fail') ? 1 : 0,
      lines: checks.map(({ state, name, detail, remedy = '' }) => ({
        shows: `${MARKS[state]} ${name}`,
        detail,
        remedy,
      })),
    };
  } catch (thrown) {
    if (!(thrown instanceof SettingsError)) throw thrown;
    const lines = thrown.problems.map(({ variable, message }) => ({
      shows: `exit 2: ${variable}`,
      detail: message,
      remedy: '',
    }));
    return { exitCode: 2, lines };
  }
}

test.each<{ platform: string; from: MisSetUp['from'] }>([
  { platform: 'Heroku', from: () => ({}) },
  { platform: 'Kubernetes', from: async () => (await clusterFor(setUp)).env },
  { platform: 'KEDA', from: async () => await kedaClusterFor(setUp) },
])('a correct set-up on $platform has neither a failure nor a warning', async ({ from }) => {
  const { exitCode, lines } = await check({ from });
  expect(lines.filter(({ shows }) => !shows.startsWith('✓'))).toEqual([]);
  expect(lines.length).toBeGreaterThan(5);
  expect(exitCode).toBe(0);
});

describe.each(Object.entries(MIS_SET_UPS))('%s', (_, rows) => {
  test.each(rows)('$name: $shows', async (row) => {
    const { exitCode, lines } = await check(row);
    const line = lines.find(({ shows }) => shows === row.shows);
    expect(lines.map(({ shows }) => shows)).toContain(row.shows);
    if (line) printed.set(row.name, line);
    const mark = row.shows.slice(0, row.shows.indexOf(' '));
    expect(exitCode).toBe(mark === '!' ? Math.min(exitCode, 1) : mark === '✗' ? 1 : 2);
  });
});

test('docs/check.md has each mis-set-up with the words that are printed', async () => {
  expect(printed.size).toBe(Object.values(MIS_SET_UPS).flat().length);
  await expect(page()).toMatchFileSnapshot(PAGE);
});

function page(): string {
  const tables = Object.entries(MIS_SET_UPS).map(([heading, rows]) => {
    const lines = rows.map(({ name }) => {
      const { shows, detail, remedy } = printed.get(name) ?? { shows: '', detail: '', remedy: '' };
      return `| ${name} | ${cell(shows)} | ${cell(detail)} | ${cell(remedy)} |`;
    });
    return [`## ${heading}`, '', '| if | line | says | do |', '|---|---|---|---|', ...lines].join('\n');
  });
  return `${INTRODUCTION}\n${tables.join('\n\n')}\n`;
}

/** What differs from one machine and run to the next. */
function cell(text: string): string {
  return text.replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:…').replaceAll('|', String.raw`\|`);
}

const INTRODUCTION = `# What \`drover check\` finds

\`drover check\` reads settings, Redis, the queues, the workers, the running clock and the platform, and changes nothing: its
only write is a key of Drover's own, which expires after a second and shows whether state can be saved. ✓ is in order, \`!\` works
but not as well as it could, ✗ does not work. The exit code is 1 if any line has ✗, and 2 if the settings are wrong, which
lists every problem. What the Redis user may not run (INFO, TIME, CLIENT LIST) is not checked.

Each row below is a test: this is what is printed for that mistake.
`;
