import type { Environment } from '../../config/environment.ts';
import type { Output } from '../output.ts';
import { folded } from '../views/wrap.ts';
import { mergedEnv, withClock, withIgnoredEnv } from './files.ts';
import type { Folder } from './folder.ts';
import type { Prompt } from './prompt.ts';
import { nextSteps } from './text.ts';

export type Chosen = {
  /** Everything that a local run needs but the token. */
  readonly all: Readonly<Record<string, string>>;
  /** Of these, what the app needs as config vars. */
  readonly values: Readonly<Record<string, string>>;
  /** What was set before. */
  readonly known: Environment;
};

type Target = { readonly folder: Folder; readonly prompt: Prompt; readonly output: Output };

/** Set in the shell: they are not asked for, as secrets are not to be typed. */
const KEPT = ['HEROKU_API_KEY', 'HEROKU_API_URL'] as const;

/** The files to change, each with its whole new text. Undefined: it stays as it is. */
type Changes = {
  readonly ignore: string | undefined;
  readonly env: string | undefined;
  readonly procfile: string | undefined;
};

/** Writes what is chosen into the folder's files after a last question, and says how to go on. */
export async function writeSetUp(chosen: Chosen, { folder, prompt, output }: Target): Promise<void> {
  const local = { ...chosen.all, ...kept(chosen.known) };
  const state = await folder.gitState('.env');
  if (state === 'tracked') {
    output.answer(
      folded(
        'Git tracks .env, so no secret is written to it. Run git rm --cached .env, then drover init again.',
      ).join('\n'),
    );
  }
  const env = state === 'tracked' ? undefined : mergedEnv(await folder.read('.env'), local);
  const changes: Changes = {
    env,
    ignore:
      env !== undefined && state === 'none' ? withIgnoredEnv(await folder.read('.gitignore')) : undefined,
    procfile: withClock(await folder.read('Procfile')),
  };
  const steps = stepsOf(changes);
  const agreed = steps.length === 0 || (await prompt.confirm(`${sentence(steps.map(({ ask }) => ask))}?`));
  if (agreed) await carryOut(changes, folder);
  output.answer(
    steps.length === 0
      ? 'The files have everything already.'
      : agreed
        ? folded(`Done: ${steps.map(({ done }) => done).join('; ')}.`).join('\n')
        : 'Nothing was written.',
  );
  const { HEROKU_APP_NAME: appName = '' } = chosen.all;
  const installed = /"drover"\s*:/.test(await folder.read('package.json'));
  output.answer(
    nextSteps(appName, chosen.values, {
      runnable: agreed && state !== 'tracked',
      token: 'HEROKU_API_KEY' in local,
      installed,
      ignored: agreed && changes.ignore !== undefined,
    }),
  );
}

type Step = { readonly ask: string; readonly done: string };

function stepsOf({ ignore, env, procfile }: Changes): Step[] {
  return [
    ...(ignore === undefined ? [] : [{ ask: 'add .env to .gitignore', done: '.gitignore has .env' }]),
    ...(env === undefined
      ? []
      : [
          {
            ask: 'write .env, readable by you alone',
            done: '.env has the settings, and is readable by you alone',
          },
        ]),
    ...(procfile === undefined
      ? []
      : [{ ask: 'add the clock to the Procfile', done: 'the Procfile has the clock' }]),
  ];
}

function sentence(parts: readonly string[]): string {
  const text = parts.join('; ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

async function carryOut({ ignore, env, procfile }: Changes, folder: Folder): Promise<void> {
  // First, so that git never sees the secrets.
  if (ignore !== undefined) await folder.write('.gitignore', ignore);
  if (env !== undefined) await folder.write('.env', env, 'secret');
  if (procfile !== undefined) await folder.write('Procfile', procfile);
}

function kept(known: Environment): Record<string, string> {
  const set = KEPT.flatMap((name) => {
    const value = known[name]?.trim();
    return value ? [[name, value] as const] : [];
  });
  return Object.fromEntries(set);
}
