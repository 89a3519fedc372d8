import { parseEnv } from 'node:util';

import type { Environment } from '../../config/environment.ts';
import { loadViewSettings } from '../../config/load.ts';
import { quote } from '../../config/mask.ts';
import { Failure } from '../../failure.ts';
import { SettingsError } from '../errors.ts';
import type { Output } from '../output.ts';
import { folded } from '../views/wrap.ts';
import { choose, countingPrompt, type Asked } from './choose.ts';
import type { Folder } from './folder.ts';
import { lookIntoHeroku, lookIntoRedis, type FoundInRedis, type FoundOnHeroku } from './found.ts';
import type { Prompt } from './prompt.ts';
import { replay } from './replay.ts';
import { herokuText, redisText, replayText, workersText } from './text.ts';
import { writeSetUp } from './write.ts';

export type Init = {
  readonly env: Environment;
  readonly folder: Folder;
  readonly prompt: Prompt;
  /** An output that hides these secrets. */
  readonly outputFor: (secrets: readonly string[]) => Output;
};

/** Reads what is there, asks, shows what Drover would have done, and writes. Throws Cancelled before anything is written. */
export async function setUp({ env: shell, folder, prompt, outputFor }: Init): Promise<void> {
  const known: Record<string, string | undefined> = { ...parseEnv(await folder.read('.env')), ...shell };
  const platform = known['PLATFORM']?.trim() ?? '';
  if (platform !== '' && platform !== 'heroku') {
    const message = `is ${quote(platform)}, but init sets Drover up on Heroku only: for Kubernetes follow docs/kubernetes.md`;
    throw new SettingsError([{ variable: 'PLATFORM', message }]);
  }
  const asked = countingPrompt(prompt);

  const variable = known['REDIS_TLS_URL'] ? 'REDIS_TLS_URL' : 'REDIS_URL';
  const url =
    known[variable] ??
    (await asked.ask({
      setting: 'REDIS_URL',
      text: 'The Redis of the queues',
      fallback: 'redis://localhost:6379',
    }));
  const { password } = new URL(url);
  const output = outputFor([password, known['HEROKU_API_KEY'] ?? ''].filter((secret) => secret !== ''));
  const found = await lookIntoRedis(known, url, variable);
  try {
    output.answer(`${redisText(found)}\n`);
    const appName = await appOf(known, folder, asked);
    const heroku = await lookIntoHeroku(known, appName);
    output.answer(platformText(appName, heroku));
    const onHeroku = heroku instanceof Failure ? undefined : heroku;
    const values = await choose({ known, found, heroku: onHeroku, asked, folder });
    const all = { ...values, [variable]: url, HEROKU_APP_NAME: appName };
    await show(all, { found, heroku: onHeroku, output });
    await writeSetUp({ all, values, known }, { folder, prompt, output });
  } finally {
    found.close();
  }
}

async function appOf(known: Environment, folder: Folder, asked: Asked): Promise<string> {
  const set = known['TARGET_APP_NAME'] ?? known['HEROKU_APP_NAME'];
  if (set !== undefined && set !== '') return set;
  const remote = await folder.herokuRemote();
  return await asked.ask({
    setting: 'HEROKU_APP_NAME',
    text: 'The Heroku app to scale',
    fallback: remote ?? '',
  });
}

function platformText(appName: string, heroku: FoundOnHeroku | Failure | undefined): string {
  if (heroku === undefined)
    return folded(`${appName} on Heroku is not read: HEROKU_API_KEY is not set yet.`).join('\n');
  if (heroku instanceof Failure)
    return folded(`${appName} on Heroku is not read: ${heroku.message}. ${heroku.remedy}`).join('\n');
  return herokuText(appName, heroku);
}

async function show(
  all: Readonly<Record<string, string>>,
  { found, heroku, output }: { found: FoundInRedis; heroku: FoundOnHeroku | undefined; output: Output },
): Promise<void> {
  const loaded = loadViewSettings(all);
  if (loaded.kind === 'wrong') throw new SettingsError(loaded.problems);
  const [settings] = loaded.settings.processTypes;
  if (!settings) return;
  const row = heroku?.formation.find(({ processType }) => processType === settings.processType);
  const cooperating = await found.cooperating(loaded.settings.appName, settings.processType);
  output.answer(`\n${workersText(found, cooperating)}\n`);
  const past = await replay(found.completed, settings, settings.concurrency ?? 1);
  output.answer(`${replayText(past, row)}\n`);
}
