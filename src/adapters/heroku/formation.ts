import { Failure, failureOf } from '../../failure.ts';
import type { Formation, FormationState, Resize, Resized } from '../../ports.ts';
import { allowanceAt, readingMayAgeMs, type Allowance } from './budget.ts';
import { FORMATION, herokuClient, retryDelayMs, type HerokuClient, type HerokuOptions } from './client.ts';
import { allowedBy } from './limit.ts';
import { Readings } from './readings.ts';
import { limitOf, malformed, missingType } from './refusal.ts';
import type { Answer } from './request.ts';
import { rowOf, rowsOf, sameSize, type Row } from './rows.ts';
import { standstills } from './standstill.ts';

/**
 * The formation of a Heroku app. Readings are as old as the account's budget asks for, but for the one before each
 * write, which is always fresh: another request is a small price for never overwriting what a person just set.
 */
export function herokuFormation(options: HerokuOptions): Formation {
  const client = herokuClient(options);
  const readings = new Readings();

  const keep = ({ processType, quantity, size }: Row): FormationState => {
    const state = { processType, quantity, size, others: new Map(), readAt: client.clock.now() };
    readings.keep(processType, state, client.clock.monotonicMs());
    return state;
  };

  const lack = (processType: string, rows: readonly Row[]): Failure => {
    const known = rows.map((row) => row.processType);
    const missing = missingType(processType, client.appName, known);
    readings.keep(processType, missing, client.clock.monotonicMs());
    return missing;
  };

  const goesOn = standstills(client);
  let allowance: Allowance | undefined;
  const allowed = (): Allowance => allowanceAt(allowance, client.clock.monotonicMs(), client.budget());

  return {
    async standstill(signal) {
      allowance = allowed();
      return allowance.changes < 1 ? { kind: 'budget' } : await goesOn(signal);
    },
    requestsLeft: () => client.budget()?.remaining,
    async read(processTypes, signal) {
      const maxAgeMs = readingMayAgeMs(client.budget());
      const kept = readings.all(processTypes, client.clock.monotonicMs(), maxAgeMs);
      if (kept !== undefined) return kept;
      try {
        const rows = await readRows(client, processTypes, signal);
        const states = new Map<string, FormationState | Failure>();
        for (const processType of processTypes) {
          const row = rows.find((candidate) => candidate.processType === processType);
          states.set(processType, row === undefined ? lack(processType, rows) : keep(row));
        }
        return states;
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        return new Map(processTypes.map((processType) => [processType, thrown]));
      }
    },

    async resize(wanted, signal) {
      // From here on nothing that was read before holds, whatever becomes of the write.
      readings.forget(wanted.processType);
      const { changes, atMs } = allowed();
      allowance = { changes: changes - 1, atMs };
      const { result, row } = await write(client, wanted, signal);
      keep(row);
      return result;
    },
  };
}

type Written = { readonly result: Resized; readonly row: Row };

/**
 * Reads, compares, writes, and goes round again while the outcome is unknown: a write whose answer got lost is found
 * done by the next reading, and one that was not done is repeated only on the quantity the decision was made on.
 */
async function write(
  client: HerokuClient,
  wanted: Resize,
  signal: AbortSignal,
  mayClamp = true,
): Promise<Written> {
  let unknown: Failure | undefined;
  let again = true;
  for (let retries = 0; ; retries += 1) {
    const row = await readRow(client, wanted.processType, signal);
    if (reached(row, wanted) && (unknown !== undefined || wanted.from === wanted.to)) return resizedTo(row);
    if (row.quantity !== wanted.from) return { result: { kind: 'overtaken', quantity: row.quantity }, row };
    if (unknown !== undefined && !again) throw unknown;

    const result = await client.patch(
      pathOf(wanted.processType),
      bodyOf(wanted, row),
      wanted.processType,
      signal,
    );
    if (result.kind === 'refused') {
      const limit = limitOf(result.answer);
      if (limit === undefined || !mayClamp || wanted.to <= wanted.from) throw result.failure;
      return await writeWithin(client, wanted, row, limit, signal);
    }
    const written =
      result.kind === 'ok' ? attempt(() => ownRow(result.answer, wanted.processType)) : result.failure;
    if (!(written instanceof Failure)) return resizedTo(written);
    unknown = written;
    const delayMs = retryDelayMs(result.kind === 'ok' ? 0 : result.retryInMs, retries);
    again = delayMs !== undefined;
    await client.clock.sleep(delayMs ?? 0, signal);
  }
}

/**
 * Once more with as many as the limit leaves. Never fewer than there are, as more were wanted: what runs is allowed,
 * however the limit is counted.
 */
async function writeWithin(
  client: HerokuClient,
  wanted: Resize,
  row: Row,
  limit: number,
  signal: AbortSignal,
): Promise<Written> {
  const rows = await readRows(client, [], signal);
  const others = rows
    .filter(({ processType }) => processType !== wanted.processType)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const size = wanted.size ?? row.size;
  const allowed = allowedBy(limit, { from: wanted.from, to: wanted.to, others, size });
  const to = Math.min(allowed, wanted.to);
  const stay: Written = { result: { kind: 'limited', quantity: row.quantity, limit: row.quantity }, row };
  if (to <= wanted.from) return stay;
  try {
    const written = await write(client, { ...wanted, to }, signal, false);
    if (written.result.kind !== 'resized') return written;
    return { result: { kind: 'limited', quantity: written.row.quantity, limit: allowed }, row: written.row };
  } catch (thrown) {
    if (failureOf(thrown).code === 'HEROKU_LIMIT') return stay;
    throw thrown;
  }
}

/** One request: the row where one is asked for, else the whole list. */
async function readRows(
  client: HerokuClient,
  processTypes: readonly string[],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const [only, ...more] = processTypes;
  if (only !== undefined && more.length === 0) return [await readRow(client, only, signal)];
  return rowsOf((await client.get(FORMATION, undefined, signal)).json);
}

async function readRow(client: HerokuClient, processType: string, signal: AbortSignal): Promise<Row> {
  return ownRow(await client.get(pathOf(processType), processType, signal), processType);
}

/** The answer's row. Throws HEROKU_REPLY where it is not that type's. */
function ownRow(answer: Answer, processType: string): Row {
  const row = rowOf(answer.json);
  if (row.processType !== processType) throw malformed('with another process type');
  return row;
}

function attempt(read: () => Row): Row | Failure {
  try {
    return read();
  } catch (thrown) {
    return failureOf(thrown);
  }
}

function reached(row: Row, { to, size }: Resize): boolean {
  return row.quantity === to && (size === undefined || sameSize(row.size, size));
}

function resizedTo(row: Row): Written {
  return { result: { kind: 'resized', quantity: row.quantity, size: row.size }, row };
}

function bodyOf({ from, to, size }: Resize, row: Row): Record<string, unknown> {
  return {
    ...(to === from ? {} : { quantity: to }),
    ...(size === undefined || sameSize(row.size, size) ? {} : { dyno_size: { name: size } }),
  };
}

function pathOf(processType: string): string {
  return `${FORMATION}/${encodeURIComponent(processType)}`;
}
