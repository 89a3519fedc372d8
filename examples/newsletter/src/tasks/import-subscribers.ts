import * as v from 'valibot';

import { task } from './task.ts';

const MOST = 1000;

/** Adds those that are addresses and not there yet, and tells which lines were not. */
export const importSubscribers = task({
  name: 'import-subscribers',
  queue: 'low',
  args: v.object({ emails: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MOST)) }),
  attempts: 5,
  backoffMs: 1000,
  kept: 1000,
  run: async ({ emails }, { store }, job) => {
    const email = v.pipe(v.string(), v.trim(), v.toLowerCase(), v.email());
    const checked = emails.map((line, index) => ({ index, result: v.safeParse(email, line) }));
    const valid = checked.flatMap(({ result }) => (result.success ? [result.output] : []));
    const refused = checked.filter(({ result }) => !result.success);
    for (const { index } of refused) await job.log(`line ${index + 1} is not an address`);
    const added = await store.query(
      'insert into subscribers (email) select unnest($1::text[]) on conflict (email) do nothing returning id',
      [valid],
    );
    return { added: added.length, known: valid.length - added.length, refused: refused.length };
  },
});
