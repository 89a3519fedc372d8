import { findSize, limitPerType } from '../heroku-sizes.ts';
import type { App, Row } from './app.ts';
import { aboveLimit, ApiError, invalidParams, notFound } from './api-error.ts';
import { findSizeOf, sizesOf } from './sizes.ts';

type RowChange = { readonly row: Row; readonly quantity: number; readonly size: string };

type Fields = Readonly<Record<string, unknown>>;

/** `PATCH …/formation/{type}`. The process type comes from the path; the quantity is a number. */
export function updateOne(app: App, identity: string, body: unknown, at: number): Row {
  const fields = fieldsOf(body);
  const change = changeOf(app, identity, fields, { relative: false });
  apply(app, [change], at);
  return change.row;
}

/**
 * `PATCH …/formation`. Here the official CLI sends quantities as strings: `"3"`, `"+2"` or `"-1"`. A batch is applied as a
 * whole or not at all; whether Heroku's is atomic is not documented.
 */
export function updateSeveral(app: App, body: unknown, at: number): readonly Row[] {
  const { updates } = fieldsOf(body);
  if (!Array.isArray(updates)) throw invalidParams('Require array: updates.');
  const changes = updates.map((update) => {
    const fields = fieldsOf(update);
    // `process` was the key until 2015, and was accepted long after.
    const identity = fields['type'] ?? fields['process'];
    if (typeof identity !== 'string') throw invalidParams('Require string: type.');
    return changeOf(app, identity, fields, { relative: true });
  });
  apply(app, changes, at);
  return changes.map((change) => change.row);
}

export function findRow(app: App, identity: string): Row {
  const row = app.rows.find((candidate) => candidate.type === identity || candidate.id === identity);
  if (row === undefined) throw notFound('formation', `Couldn't find that process type (${identity}).`);
  return row;
}

/** Sets quantity and size, and starts and stops dynos accordingly. Unchanged values leave `updated_at` alone. */
export function setRow(app: App, { row, quantity, size }: RowChange, at: number): void {
  if (row.quantity === quantity && row.size === size) return;
  const resized = row.size !== size;
  Object.assign(row, { quantity, size, updatedAt: at });
  if (resized) app.dynos.restart((dyno) => dyno.spec.type === row.type, size);
  app.dynos.scale(row.type, quantity, size);
}

function apply(app: App, changes: readonly RowChange[], at: number): void {
  const planned = new Map<Row, { quantity: number; size: string }>(app.rows.map((row) => [row, row]));
  for (const { row, quantity, size } of changes) planned.set(row, { quantity, size });
  refuseMixedTiers(planned, changes);
  refuseAboveLimit(app, planned, changes);
  for (const change of changes) setRow(app, change, at);
}

function changeOf(app: App, identity: string, fields: Fields, allow: { relative: boolean }): RowChange {
  if (!app.deployed) throw invalidParams('App must be deployed before dynos can be scaled.');
  const row = findRow(app, identity);
  return {
    row,
    quantity: quantityOf(fields['quantity'], row.quantity, allow.relative),
    size: sizeOf(app, fields, row.size),
  };
}

function quantityOf(value: unknown, current: number, relative: boolean): number {
  if (value === undefined) return current;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  if (relative && typeof value === 'string' && /^[+-]?\d{1,6}$/.test(value)) {
    return Math.max(0, /^\d/.test(value) ? Number(value) : current + Number(value));
  }
  throw invalidParams('Require non-negative integer: quantity.');
}

function sizeOf(app: App, fields: Fields, current: string): string {
  const { dyno_size: dynoSize, size } = fields;
  const wanted = dynoSize === undefined ? size : (fieldsOf(dynoSize)['name'] ?? fieldsOf(dynoSize)['id']);
  if (wanted === undefined) return current;
  const found = typeof wanted === 'string' ? findSizeOf(app.generation, wanted) : undefined;
  if (found === undefined) {
    const names = sizesOf(app.generation)
      .map((candidate) => candidate.name)
      .join(', ');
    throw invalidParams(`No such size as ${JSON.stringify(wanted)}. Available dyno sizes are ${names}.`);
  }
  return found.name;
}

function refuseMixedTiers(
  planned: ReadonlyMap<Row, { quantity: number; size: string }>,
  changes: readonly RowChange[],
): void {
  const touched = new Set(changes.map((change) => change.row));
  const sizes = [...planned]
    .filter(([row, { quantity }]) => quantity > 0 || touched.has(row))
    .flatMap(([, { size }]) => findSize(size) ?? []);
  if (new Set(sizes.map((size) => size.tier)).size < 2) return;
  const names = [...new Set(sizes.map((size) => size.name))].join(' and ');
  throw invalidParams(`Cannot use the following dyno types in the same app: ${names}`);
}

function refuseAboveLimit(
  app: App,
  planned: ReadonlyMap<Row, { quantity: number; size: string }>,
  changes: readonly RowChange[],
): void {
  // Scaling down is never refused, even far above the limit.
  const raised = changes.filter((change) => change.quantity > change.row.quantity);
  if (raised.length === 0) return;
  for (const { quantity, size } of raised) {
    const perType = limitPerType(size);
    if (perType !== undefined && quantity > perType) {
      throw aboveLimit(perType, `Cannot update to more than ${perType} ${size} size dynos per process type.`);
    }
  }
  const total = [...planned.values()].reduce((sum, { quantity }) => sum + quantity, 0);
  if (total > app.limit)
    throw aboveLimit(app.limit, `Cannot update to more than ${app.limit} dynos per app.`);
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiError(400, 'bad_request', 'The request was invalid, check usage and try again.');
  }
  return value as Fields;
}
