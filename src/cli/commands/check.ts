import { checksText, passed, type Check } from '../checks/check.ts';
import { checkHeroku } from '../checks/heroku.ts';
import { checkQueues, checkRedis, checkState } from '../checks/redis.ts';
import { checkTls } from '../checks/tls.ts';
import { assemble, type Assembly } from '../composition.ts';
import type { Settings } from '../../config/settings.ts';
import { processOutput } from '../output.ts';
import { secretsOf, settingsFrom } from '../settings.ts';

/** Longer than any single check may take: what has not answered by then has failed. */
const DEADLINE_MS = 15_000;

export async function check(): Promise<void> {
  const { settings, hints } = settingsFrom(process.env);
  const output = processOutput(secretsOf(settings));
  const assembly = await assemble(settings, false, () => {});
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const [ofRedis, ofHeroku] = await Promise.all([
      redisChecks(assembly, settings, signal),
      checkHeroku(settings, signal),
    ]);
    const checks: Check[] = [
      { name: 'settings', state: 'pass', detail: 'valid' },
      ...hints.map(({ variable, message }): Check => ({ name: variable, state: 'warn', detail: message })),
      ...checkTls(settings),
      ...ofRedis,
      ...ofHeroku,
    ];
    output.answer(checksText(checks));
    process.exitCode = passed(checks) ? 0 : 1;
  } finally {
    assembly.close();
  }
}

async function redisChecks(assembly: Assembly, settings: Settings, signal: AbortSignal): Promise<Check[]> {
  const { redis, state, keys, ports } = assembly;
  const first = await checkRedis(redis, settings.redis.prefix, signal);
  // Every other check of this Redis would fail for the same reason.
  if (!passed(first)) return first;
  return [
    ...first,
    ...(await checkState(state, keys.check, signal)),
    ...(await checkQueues(ports.backlog, settings, ports.clock.now(), signal)),
  ];
}
