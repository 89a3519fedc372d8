import type { Environment } from '../config/environment.ts';
import type { Settings } from '../config/settings.ts';
import type { ForgetStore, Journal, PauseStore } from '../ports.ts';
import { processOutput, type Output } from './output.ts';

/** What Drover keeps in Redis, for commands that look at it or change it. */
export type StoredState = {
  readonly settings: Settings;
  readonly journal: Journal;
  readonly pause: PauseStore;
  readonly forget: ForgetStore;
  readonly output: Output;
  /** For one question: what is not answered by then has failed. */
  readonly signal: () => AbortSignal;
};

const ANSWER_MS = 10_000;

/** Reads the settings, connects, does the work and ends the connection. */
export async function withStoredState<T>(
  work: (state: StoredState) => Promise<T>,
  env: Environment = process.env,
): Promise<T> {
  const { secretsOf, viewSettingsFrom } = await import('./settings.ts');
  const { settings } = viewSettingsFrom(env);
  const [{ connectRedis }, { stateKeys }, { redisForgetStore }, { redisJournal }, { redisPauseStore }] =
    await Promise.all([
      import('../adapters/redis/connect.ts'),
      import('../adapters/redis/keys.ts'),
      import('../adapters/redis/forget-store.ts'),
      import('../adapters/redis/journal.ts'),
      import('../adapters/redis/pause-store.ts'),
    ]);
  const connection = connectRedis(settings.state.url, {
    tlsVerify: settings.state.tlsVerify,
    variable: settings.state.variable,
  });
  const keys = stateKeys(settings.heroku.appName);
  try {
    return await work({
      settings,
      journal: redisJournal(connection, keys),
      pause: redisPauseStore(connection, keys),
      forget: redisForgetStore(connection, keys),
      output: processOutput(secretsOf(settings)),
      signal: () => AbortSignal.timeout(ANSWER_MS),
    });
  } finally {
    connection.close();
  }
}
