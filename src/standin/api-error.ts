/** An error answer of the Platform API: clients match on `id`, people read `message`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, id: string, message: string, extras: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.body = { ...extras, id, message };
  }
}

export function notFound(resource: string, message = `Couldn't find that ${resource}.`): ApiError {
  return new ApiError(404, 'not_found', message, { resource });
}

export function invalidParams(message: string): ApiError {
  return new ApiError(422, 'invalid_params', message);
}

/** `id` and `limit` are known from clients that met this answer; the rest of it is not recorded anywhere. */
export function aboveLimit(limit: number, message: string): ApiError {
  return new ApiError(422, 'cannot_update_above_limit', message, {
    limit,
    url: 'https://devcenter.heroku.com/articles/dyno-scaling-and-process-limits',
  });
}
