import type { FastifyRequest } from 'fastify';
import * as v from 'valibot';

/** What a request asks for does not fit. `details` is for the client. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly code = 'MALFORMED';
  readonly statusCode = 400;
}

export function wellFormed<Output>(schema: v.GenericSchema<unknown, Output>, input: unknown): Output {
  const result = v.safeParse(schema, input);
  if (!result.success) throw new Malformed(v.summarize(result.issues));
  return result.output;
}

const Id = v.object({
  id: v.pipe(v.string(), v.regex(/^[1-9]\d{0,14}$/, 'must be a positive number'), v.transform(Number)),
});

/** The number in `/:id`. */
export function idOf(request: FastifyRequest): number {
  return wellFormed(Id, request.params).id;
}
