import { processTypesIn, recordedWorkload, type RecordedWorkload } from '../../sim/index.ts';
import { withStoredState } from '../composition.ts';
import { allViewSettingsFrom } from '../settings.ts';

export type Past = RecordedWorkload & { readonly processType: string };

export type PastOptions = {
  readonly since: number;
  readonly processType?: string | undefined;
  readonly seed: number;
  readonly app?: string | undefined;
};

/** The recorded workload of the last `since` ms; `problem` where nothing is recorded or one of several must be chosen. */
export async function readPast({
  since: sinceMs,
  processType: chosen,
  seed,
  app,
}: PastOptions): Promise<Past | { readonly problem: string }> {
  const { apps } = allViewSettingsFrom(process.env, app);
  const [settings, ...others] = apps;
  if (others.length > 0)
    return { problem: `choose one app: --app ${apps.map(({ appName }) => appName).join(' or ')}` };
  return await withStoredState(settings, async ({ journal, signal }) => {
    const to = Date.now();
    const history = await journal.history(to - sinceMs, to, signal());
    const types = processTypesIn(history);
    if (types.length === 0)
      return { problem: 'no history of that period: start `drover run` and try again in an hour' };
    const [only] = types;
    const processType = chosen ?? (types.length === 1 ? only : undefined);
    const past = processType === undefined ? undefined : recordedWorkload(history, processType, seed);
    if (processType === undefined || past === undefined)
      return { problem: `choose one of the recorded process types: --process-type ${types.join(' or ')}` };
    return { ...past, processType };
  });
}

/** What the replay is based on, for the reader of its figures. */
export function aboutPast({ dynoHours, guessedQueues }: Past): string {
  const guess =
    guessedQueues.length === 0 ? '' : ` No service times for ${guessedQueues.join(', ')}: 1 s assumed.`;
  return (
    `Actual usage: ${dynoHours.toFixed(1)} dyno-hours. Rebuilt from counts per minute: service times are exponential ` +
    `around each queue's mean, and delayed jobs arrive when they were added.${guess}`
  );
}
