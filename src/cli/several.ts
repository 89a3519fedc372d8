import { failureOf } from '../failure.ts';
import { SettingsError } from './errors.ts';
import type { Output } from './output.ts';

/** What a command has to say of one app. `text`: for people or, where JSON is wanted, a document. */
export type Answer = { readonly text: string; readonly ok: boolean };

/** `blocks`: each under the name of its app. `lines`: each names its app itself. */
export type Form = 'blocks' | 'lines' | 'json';

/**
 * The answers of all apps, which are worked out side by side, in their order. Of several, one that fails leaves the others
 * theirs; a single one throws.
 */
export async function answersOf<S extends { readonly appName: string }>(
  apps: readonly S[],
  form: Form,
  work: (app: S) => Promise<Answer>,
): Promise<Answer> {
  const [only, ...others] = apps;
  if (only !== undefined && others.length === 0) return await work(only);
  const answers = await Promise.all(
    apps.map(async (app) => {
      const { appName } = app;
      const answer = await work(app).catch((thrown: unknown) => failedAnswer(appName, form, thrown));
      return { appName, ...answer };
    }),
  );
  return { text: joined(answers, form), ok: answers.every(({ ok }) => ok) };
}

/** Prints it; the exit code is that of a check. */
export function giveAnswer({ text, ok }: Answer, output: Output): void {
  output.answer(text);
  process.exitCode = ok ? 0 : 1;
}

function failedAnswer(appName: string, form: Form, thrown: unknown): Answer {
  if (thrown instanceof SettingsError) throw thrown;
  const { code, message, remedy } = failureOf(thrown);
  const words = `${message}. ${remedy}`;
  const text =
    form === 'json'
      ? JSON.stringify({ failure: { code, message, remedy } })
      : form === 'lines'
        ? `${appName}: ${words}`
        : words;
  return { text, ok: false };
}

function joined(answers: readonly (Answer & { readonly appName: string })[], form: Form): string {
  switch (form) {
    case 'blocks':
      return answers.map(({ appName, text }) => `=== ${appName}\n${text}`).join('\n\n');
    case 'lines':
      return answers.map(({ text }) => text).join('\n');
    case 'json': {
      const documents = answers.map(({ appName, text }) => [appName, JSON.parse(text) as unknown]);
      return JSON.stringify({ apps: Object.fromEntries(documents) }, null, 2);
    }
    default:
      return form satisfies never;
  }
}
