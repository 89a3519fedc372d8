import { Failure } from '../../failure.ts';

/** An answer of the API. `json` is undefined if the body is empty or not JSON. */
export type Answer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly json: unknown;
};

/** A process type of the formation, as far as Drover reads it. */
export type Row = { readonly processType: string; readonly quantity: number; readonly size: string };

/** More dynos than any formation has. */
const MOST_DYNOS = 100_000;

/** The properties of a JSON value; none if it is not an object. */
export function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
}

export function isQuantity(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_DYNOS;
}

/** One row. Throws HEROKU_REPLY: a quantity that is not a number is unknown, not zero. */
export function rowOf(json: unknown): Row {
  const { type, quantity, dyno_size: dynoSize, size } = fieldsOf(json);
  const sizeName = fieldsOf(dynoSize)['name'] ?? size;
  if (typeof type !== 'string' || !/^[-\w]{1,128}$/.test(type)) throw malformed('without a process type');
  if (!isQuantity(quantity)) throw malformed('without a quantity');
  if (typeof sizeName !== 'string' || !/^[-.\w]{1,128}$/.test(sizeName))
    throw malformed('without a dyno size');
  return { processType: type, quantity, size: sizeName };
}

export function rowsOf(json: unknown): readonly Row[] {
  if (!Array.isArray(json)) throw malformed('with something other than a formation');
  return json.map(rowOf);
}

/** The failure of an answer that reports success but has the wrong content. */
export function malformed(content: string): Failure {
  return new Failure(
    'HEROKU_REPLY',
    `Heroku answered ${content}`,
    'Check HEROKU_API_URL and https://status.heroku.com. Drover holds and retries on the next tick.',
  );
}
