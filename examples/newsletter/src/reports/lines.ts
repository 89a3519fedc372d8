import { stringify } from 'csv-stringify/sync';

import type { DeliveryRow } from '../store/deliveries.ts';

/** The columns of a campaign's report, in their order. */
export const COLUMNS = [
  'id',
  'subscriber',
  'email',
  'attempts',
  'deliveredAt',
] as const satisfies readonly (keyof DeliveryRow)[];

/** A cell that begins like a formula is not one to a spreadsheet: addresses come from strangers. */
const OPTIONS = { columns: [...COLUMNS], escape_formulas: true };

export function headerLine(): string {
  return stringify([], { ...OPTIONS, header: true });
}

export function csvLines(rows: readonly DeliveryRow[]): string {
  return stringify([...rows], OPTIONS);
}
