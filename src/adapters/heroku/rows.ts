import { fieldsOf, isQuantity } from './fields.ts';
import { malformed } from './refusal.ts';

/** A process type of the formation, as far as Drover reads it. */
export type Row = { readonly processType: string; readonly quantity: number; readonly size: string };

/** One row. Throws HEROKU_REPLY: a quantity that is no number is unknown, not zero. */
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
  if (!Array.isArray(json)) throw malformed('with something that is not a formation');
  return json.map(rowOf);
}

/** One generation of the platform spells sizes `Standard-1X`, the other in lower case, and people as they like. */
export function sameSize(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
