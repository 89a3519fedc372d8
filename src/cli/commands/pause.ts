import { withStoredState, type StoredState } from '../composition.ts';
import { processOutput } from '../output.ts';
import { allViewSettingsFrom, secretsOf } from '../settings.ts';
import { answersOf, giveAnswer } from '../several.ts';
import { instant } from '../views/figures.ts';

export async function pause(forMs: number | undefined, app: string | undefined): Promise<void> {
  const at = Date.now();
  const until = forMs === undefined ? undefined : at + forMs;
  const wish = { by: 'the command line', ...(until === undefined ? {} : { until }) };
  const end = until === undefined ? 'until `drover resume`' : `until ${instant(until)}`;
  await changeEach(app, async (state) => {
    await state.pause.set(wish, at, state.signal());
    return `${state.appName}: scaling is paused ${end}, from the next tick`;
  });
}

export async function resume(app: string | undefined): Promise<void> {
  await changeEach(app, async (state) => {
    const paused = await state.pause.read(Date.now(), state.signal()).catch(() => 'unreadable' as const);
    await state.pause.clear(state.signal());
    const { appName } = state;
    return paused === undefined
      ? `${appName} was not paused`
      : `${appName}: scaling resumes at the next tick`;
  });
}

async function changeEach(
  app: string | undefined,
  change: (state: StoredState) => Promise<string>,
): Promise<void> {
  const { apps } = allViewSettingsFrom(process.env, app);
  const answer = await answersOf(apps, 'lines', async (settings) => ({
    text: await withStoredState(settings, change),
    ok: true,
  }));
  giveAnswer(answer, processOutput(secretsOf(...apps)));
}
