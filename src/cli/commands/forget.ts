import { createInterface } from 'node:readline/promises';

import { Argument, type Command } from 'commander';

import { FORGETTABLE, type Forgettable } from '../../core/beliefs.ts';
import { withStoredState } from '../stored-state.ts';

const ALL = 'all';

export function forgetCommand(program: Command): void {
  program
    .command('forget')
    .description('drop what the clock believes, for an operator who knows better')
    .addArgument(
      new Argument('<kinds...>', `what \`drover status\` lists, or ${ALL}`).choices([...FORGETTABLE, ALL]),
    )
    .option('--yes', 'do not ask')
    .action(async (names: string[], { yes = false }: { yes?: boolean }) => {
      const kinds = names.includes(ALL) ? FORGETTABLE : FORGETTABLE.filter((kind) => names.includes(kind));
      await withStoredState(async ({ settings, forget, output, signal }) => {
        const { appName } = settings.heroku;
        if (!yes && process.stdin.isTTY && !(await agreed(appName, kinds))) {
          output.answer('nothing is forgotten');
          return;
        }
        await forget.request(kinds, signal());
        output.answer(`${appName}: ${kinds.join(', ')} will be forgotten in the next tick`);
      });
    });
}

/** Someone is there to answer; a script is not asked. */
async function agreed(appName: string, kinds: readonly Forgettable[]): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`Forget ${kinds.join(', ')} of ${appName}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
