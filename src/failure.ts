/**
 * Every way an outside part can fail, one code each: what an operator searches the manual for, and what code matches
 * on. Never match a message.
 */
export const FAILURE_CODES = [
  'REDIS_UNREACHABLE',
  'REDIS_TIMEOUT',
  'REDIS_AUTH',
  'REDIS_NOPERM',
  'REDIS_LOADING',
  'REDIS_READONLY',
  'REDIS_OOM',
  'REDIS_MAX_CLIENTS',
  'REDIS_REPLY',
  'QUEUE_MISSING',
  'QUEUE_UNREADABLE',
  'HEROKU_UNREACHABLE',
  'HEROKU_TIMEOUT',
  'HEROKU_UNAUTHORIZED',
  'HEROKU_FORBIDDEN',
  'HEROKU_SCOPE',
  'HEROKU_SUSPENDED',
  'HEROKU_PAYMENT',
  'HEROKU_APP_MISSING',
  'HEROKU_TYPE_MISSING',
  'HEROKU_RATE_LIMITED',
  'HEROKU_LIMIT',
  'HEROKU_REJECTED',
  'HEROKU_UNAVAILABLE',
  'HEROKU_REPLY',
  'KUBERNETES_UNREACHABLE',
  'KUBERNETES_TIMEOUT',
  'KUBERNETES_CERTIFICATE',
  'KUBERNETES_CREDENTIALS',
  'KUBERNETES_UNAUTHORIZED',
  'KUBERNETES_FORBIDDEN',
  'KUBERNETES_TARGET_MISSING',
  'KUBERNETES_RATE_LIMITED',
  'KUBERNETES_REJECTED',
  'KUBERNETES_UNAVAILABLE',
  'KUBERNETES_REPLY',
  'LEASE_CONFLICT',
  'LEASE_LOST',
  'TICK_DEADLINE',
  'NOTIFY_FAILED',
  'UNEXPECTED',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** The codes of a process type that the platform does not know: it has no quantity. */
const TYPE_MISSING: ReadonlySet<FailureCode> = new Set(['HEROKU_TYPE_MISSING', 'KUBERNETES_TARGET_MISSING']);

/** A failure that says what to do about it. Neither text may hold a secret or unescaped text from outside. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  /** What the operator can do, one sentence. */
  readonly remedy: string;

  constructor(code: FailureCode, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}

/** Anything thrown, as a Failure: an unforeseen error keeps only its name, as its message may hold a secret. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new Failure(
    'UNEXPECTED',
    `an unexpected ${name} stopped this step`,
    'Report it with the log line around it; Drover holds and tries again on the next tick.',
    { cause: thrown },
  );
}

/** Whether a process type could not be read because the platform has none of that name. */
export function isTypeMissing({ code }: Failure): boolean {
  return TYPE_MISSING.has(code);
}
