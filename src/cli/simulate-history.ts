import type { RecordedWorkload } from '../sim/index.ts';
import { withStoredState } from './stored-state.ts';

export type Past = RecordedWorkload & { readonly processType: string };

/**
 * What the clock recorded of the time since, to be played again; or what is wrong with the question: nothing is recorded,
 * or several process types and none was chosen.
 */
export async function readPast(
  sinceMs: number,
  chosen: string | undefined,
  seed: number,
): Promise<Past | { readonly wrong: string }> {
  return await withStoredState(async ({ journal, signal }) => {
    const { processTypesIn, recordedWorkload } = await import('../sim/index.ts');
    const to = Date.now();
    const history = await journal.history(to - sinceMs, to, signal());
    const types = processTypesIn(history);
    if (types.length === 0)
      return { wrong: 'nothing is recorded of that time: start `drover run`, and come back in an hour' };
    const [only] = types;
    const processType = chosen ?? (types.length === 1 ? only : undefined);
    const past = processType === undefined ? undefined : recordedWorkload(history, processType, seed);
    if (processType === undefined || past === undefined)
      return { wrong: `choose one with --process-type: ${types.join(', ')} are recorded` };
    return { ...past, processType };
  });
}

/** What was played, and what it leaves out, for whoever reads the figures. */
export function aboutPast({ dynoHours, guessedQueues }: Past): string {
  const guess =
    guessedQueues.length === 0
      ? ''
      : ` No job of ${guessedQueues.join(', ')} was seen to run: 1 s is a guess.`;
  return (
    `Recorded then: ${dynoHours.toFixed(1)} dyno-hours. Rebuilt from counts by the minute; jobs take the mean of ` +
    `their queue, exponentially distributed, and delayed ones come when they were added.${guess}`
  );
}
