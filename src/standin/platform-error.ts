/** A refusal as the Platform API words it: clients match on `id`, people read `message`. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, id: string, message: string, extras: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.body = { ...extras, id, message };
  }
}

export function notFound(resource: string, message = `Couldn't find that ${resource}.`): PlatformError {
  return new PlatformError(404, 'not_found', message, { resource });
}

export function invalidParams(message: string): PlatformError {
  return new PlatformError(422, 'invalid_params', message);
}

/** The id and `limit` are documented by clients that met it; no client may rely on the words. */
export function aboveLimit(limit: number, message: string): PlatformError {
  return new PlatformError(422, 'cannot_update_above_limit', message, {
    limit,
    url: 'https://devcenter.heroku.com/articles/dyno-scaling-and-process-limits',
  });
}
