import { Failure } from '../../failure.ts';
import { fieldsOf, isQuantity } from '../http/answer.ts';

/** A process type of the formation, as far as Drover reads it. */
export type Row = { readonly processType: string; readonly quantity: number; readonly size: string };

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
