import { withStoredState } from '../composition.ts';

export async function pause(forMs: number | undefined): Promise<void> {
  await withStoredState(async (state) => {
    const at = Date.now();
    const until = forMs === undefined ? undefined : at + forMs;
    const wish = { by: 'the command line', ...(until === undefined ? {} : { until }) };
    await state.pause.set(wish, at, state.signal());
    const end = until === undefined ? 'until `drover resume`' : `until ${new Date(until).toISOString()}`;
    state.output.answer(`${state.settings.appName}: scaling is paused ${end}, from the next tick`);
  });
}

export async function resume(): Promise<void> {
  await withStoredState(async (state) => {
    const paused = await state.pause.read(Date.now(), state.signal()).catch(() => 'unreadable' as const);
    await state.pause.clear(state.signal());
    const { appName } = state.settings;
    state.output.answer(
      paused === undefined ? `${appName} was not paused` : `${appName}: scaling resumes at the next tick`,
    );
  });
}
