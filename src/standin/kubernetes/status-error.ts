import type { ResourceType } from './resource-types.ts';

/** A failure as the API server answers it: a `Status` document. Clients match on `reason` and `code`. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: number,
    reason: string,
    message: string,
    extras: { readonly details?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.headers = extras.headers ?? {};
    this.body = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason,
      ...(extras.details === undefined ? {} : { details: extras.details }),
      code,
    };
  }
}

/** `deployments.apps`, or `pods` in the core group. */
export function qualified(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

function detailsOf(type: ResourceType, name: string): Record<string, string> {
  return {
    ...(name === '' ? {} : { name }),
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.plural,
  };
}

export function notFound(type: ResourceType, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(type)} "${name}" not found`, {
    details: detailsOf(type, name),
  });
}

export function alreadyExists(type: ResourceType, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualified(type)} "${name}" already exists`, {
    details: detailsOf(type, name),
  });
}

export function conflict(type: ResourceType, name: string): StatusError {
  const message =
    `Operation cannot be fulfilled on ${qualified(type)} "${name}": the object has been modified; ` +
    'please apply your changes to the latest version and try again';
  return new StatusError(409, 'Conflict', message, { details: detailsOf(type, name) });
}

export function forbidden(type: ResourceType, name: string, why: string): StatusError {
  const subject = name === '' ? qualified(type) : `${qualified(type)} "${name}"`;
  return new StatusError(403, 'Forbidden', `${subject} is forbidden: ${why}`, {
    details: detailsOf(type, name),
  });
}

/** `kind` is the kind that is invalid, with its group, such as `Deployment.apps`. */
export function invalid(
  kind: string,
  name: string,
  problem: { readonly field: string; readonly value: unknown; readonly message: string },
): StatusError {
  const [bare = '', ...group] = kind.split('.');
  const message = `Invalid value: ${JSON.stringify(problem.value)}: ${problem.message}`;
  return new StatusError(422, 'Invalid', `${kind} "${name}" is invalid: ${problem.field}: ${message}`, {
    details: {
      name,
      ...(group.length === 0 ? {} : { group: group.join('.') }),
      kind: bare,
      causes: [{ reason: 'FieldValueInvalid', message, field: problem.field }],
    },
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    { details: {} },
  );
}
