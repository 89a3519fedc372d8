import { SettingsError } from '../errors.ts';
import { folderAt } from '../init/folder.ts';
import { Cancelled, defaults, terminalPrompt } from '../init/prompt.ts';
import { setUp } from '../init/set-up.ts';
import { processOutput } from '../output.ts';

export async function init({ yes = false }: { readonly yes?: boolean }): Promise<void> {
  if (!yes && !process.stdin.isTTY) {
    throw new SettingsError([
      { variable: '--yes', message: 'is needed where there is no terminal to ask on' },
    ]);
  }
  const prompt = yes ? defaults : terminalPrompt(process.stdin, process.stdout);
  const folder = folderAt(process.cwd());
  try {
    await setUp({ env: process.env, folder, prompt, outputFor: processOutput });
  } catch (thrown) {
    if (!(thrown instanceof Cancelled)) throw thrown;
    process.stdout.write('\nNothing was written.\n');
  } finally {
    prompt.close();
  }
}
