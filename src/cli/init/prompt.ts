import { createInterface } from 'node:readline/promises';

import { safeParse } from 'valibot';

import { SPEC, type SettingName } from '../../config/spec.ts';
import { SettingsError } from '../errors.ts';

/** A setting to ask for. */
export type Question = {
  readonly setting: SettingName;
  readonly text: string;
  /** What an empty answer stands for; empty: an answer is needed. */
  readonly fallback: string;
};

/** Where answers come from. */
export type Prompt = {
  /** A valid value of the setting. */
  ask(question: Question): Promise<string>;
  confirm(text: string): Promise<boolean>;
  close(): void;
};

/** The user left before the last question. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** Asks nothing and takes each default. Throws a SettingsError where there is none. */
export const defaults: Prompt = {
  async ask({ setting, fallback }) {
    const problem = problemOf(setting, fallback);
    if (problem !== undefined) throw new SettingsError([{ variable: setting, message: problem }]);
    return fallback;
  },
  confirm: async () => true,
  close: () => {},
};

/** Asks on a terminal, until the answer is valid. Throws Cancelled on Ctrl-C and at the end of the input. */
export function terminalPrompt(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Prompt {
  const terminal = createInterface({ input, output });
  const left = new AbortController();
  terminal.on('SIGINT', () => left.abort()).on('close', () => left.abort());
  const answerTo = async (text: string): Promise<string> => {
    try {
      return (await terminal.question(text, { signal: left.signal })).trim();
    } catch (cause) {
      throw new Cancelled('left', { cause });
    }
  };
  return {
    async ask({ setting, text, fallback }) {
      for (;;) {
        const answer = (await answerTo(`${text}${fallback === '' ? '' : ` [${fallback}]`}: `)) || fallback;
        const problem = problemOf(setting, answer);
        if (problem === undefined) return answer;
        output.write(`  ${problem}\n`);
      }
    },
    async confirm(text) {
      return /^(?:y(?:es)?)?$/i.test(await answerTo(`${text} [Y/n] `));
    },
    close: () => terminal.close(),
  };
}

function problemOf(setting: SettingName, value: string): string | undefined {
  const { schema, allowed } = SPEC[setting];
  if (value === '') return `is required: ${allowed}`;
  return safeParse(schema, value).success ? undefined : `must be ${allowed}`;
}
