/** An answer of a platform's API. `json` is undefined if the body is empty or not JSON. */
export type Answer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly json: unknown;
};

/** More workers than any process type has. */
const MOST_WORKERS = 100_000;

/** The properties of a JSON value; none if it is not an object. */
export function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
}

export function isQuantity(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_WORKERS;
}
