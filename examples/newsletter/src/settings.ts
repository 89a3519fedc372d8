import * as v from 'valibot';

const wholeNumber = (least: number, most: number, fallback: string) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d+$/, 'must be a whole number'),
      v.transform(Number),
      v.minValue(least, `must be at least ${least}`),
      v.maxValue(most, `must be at most ${most}`),
    ),
    fallback,
  );

const address = (...schemes: readonly string[]) =>
  v.pipe(
    v.string('is required'),
    v.regex(new RegExp(`^(${schemes.join('|')})://`), `must begin with ${schemes.join(':// or ')}://`),
  );

/** The router gives up after 30 s, so everything behind it has to give up before, the innermost first. */
const Environment = v.pipe(
  v.object({
    REDIS_URL: address('redis', 'rediss'),
    DATABASE_URL: address('postgres', 'postgresql'),
    SMTP_URL: address('smtp', 'smtps'),
    PORT: wholeNumber(0, 65_535, '3000'),
    HOST: v.optional(v.string(), '0.0.0.0'),
    DYNO: v.optional(v.string()),
    WORKER_CONCURRENCY: wholeNumber(1, 1000, '5'),
    DATABASE_TIMEOUT_MS: wholeNumber(1, 600_000, '15000'),
    WORKER_TIMEOUT_MS: wholeNumber(1, 600_000, '20000'),
    REQUEST_TIMEOUT_MS: wholeNumber(1, 600_000, '25000'),
    REPORT_BEAT_MS: wholeNumber(1, 50_000, '5000'),
  }),
  v.transform((env) => ({
    redisUrl: env.REDIS_URL,
    databaseUrl: env.DATABASE_URL,
    smtpUrl: env.SMTP_URL,
    port: env.PORT,
    host: env.HOST,
    dyno: env.DYNO,
    concurrency: env.WORKER_CONCURRENCY,
    /** Longest time for one query. */
    databaseTimeoutMs: env.DATABASE_TIMEOUT_MS,
    /** Longest time that a request waits for a worker's result. */
    workerTimeoutMs: env.WORKER_TIMEOUT_MS,
    /** Longest time until a reply begins. */
    requestTimeoutMs: env.REQUEST_TIMEOUT_MS,
    /** Longest silence in a report that is being sent. */
    reportBeatMs: env.REPORT_BEAT_MS,
  })),
);

export type Settings = v.InferOutput<typeof Environment>;

/** Reads the environment once. Wrong settings end the process with status 2, every problem on a line of its own. */
export function settingsOrExit(env: NodeJS.ProcessEnv): Settings {
  const result = v.safeParse(Environment, env);
  if (!result.success) {
    for (const issue of result.issues) {
      const problem = issue.input === undefined ? 'is required' : issue.message;
      process.stderr.write(`${v.getDotPath(issue)} ${problem}\n`);
    }
    process.exit(2);
  }
  return result.output;
}
