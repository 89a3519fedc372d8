import { allowedBy } from '../../core/platform-limit.ts';
import { Failure, failureOf } from '../../failure.ts';
import type { Formation, FormationState, Resize, Resized } from '../../ports.ts';
import { allowanceAt, readingMayAgeMs, type Allowance } from './budget.ts';
import { FORMATION, herokuClient, retryDelayMs, type HerokuClient, type HerokuOptions } from './client.ts';
import { limitFrom } from './limit.ts';
import { CachedReadings } from './readings.ts';
import { limitOf, malformed, missingType } from './refusal.ts';
import type { Answer } from './request.ts';
import { rowOf, rowsOf, sameSize, type Row } from './rows.ts';
import { standstills } from './standstill.ts';

/**
 * The formation of a Heroku app. Readings are as old as the account's budget allows, but for the one before each write,
 * which is always fresh: another request is a small price for never overwriting what a person just set.
 */
export function herokuFormation(options: HerokuOptions): Formation {
  const client = herokuClient(options);
  const readings = new CachedReadings();

  const keep = (row: Row, others: FormationState['others']): FormationState => {
    const { processType, quantity, size } = row;
    const state = { processType, quantity, size, others, readAt: client.clock.now() };
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
    noun: 'dyno',

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
        const rows = await readRows(client, signal);
        const states = new Map<string, FormationState | Failure>();
        for (const processType of processTypes) {
          const row = rows.find((candidate) => candidate.processType === processType);
          states.set(
            processType,
            row === undefined ? lack(processType, rows) : keep(row, othersThan(processType, rows)),
          );
        }
        return states;
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        return new Map(processTypes.map((processType) => [processType, thrown]));
      }
    },

    async resize(wanted, signal) {
      // From here on nothing that was read before holds, whatever becomes of the write.
      const others = readings.forget(wanted.processType)?.others ?? new Map();
      const { changes, atMs } = allowed();
      allowance = { changes: changes - 1, atMs };
      const { result, row } = await write(client, wanted, signal);
      if (row !== undefined) keep(row, others);
      return result;
    },
  };
}

/** `row` absent: not known any more. */
type Written = { readonly result: Resized; readonly row?: Row };

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
  let answered = true;
  let again = true;
  /** What was sent without an answer may still be carried out, so a later failure is not the whole outcome. */
  const giveUp = (failure: Failure): Written => {
    if (answered) throw failure;
    return { result: { kind: 'unknown', answered, failure } };
  };
  for (let retries = 0; ; retries += 1) {
    const row = await readRow(client, wanted.processType, signal).catch((thrown: unknown) => {
      if (answered) throw thrown;
      return failureOf(thrown);
    });
    if (row instanceof Failure) return giveUp(row);
    if (reached(row, wanted) && (unknown !== undefined || wanted.from === wanted.to))
      return resizedTo(row, answered);
    if (row.quantity !== wanted.from)
      return { result: { kind: 'overtaken', answered, quantity: row.quantity }, row };
    if (unknown !== undefined && !again) return giveUp(unknown);
    if (client.clock.monotonicMs() > (wanted.sendBeforeMs ?? Infinity)) return giveUp(tooLate());

    const result = await client.patch(
      pathOf(wanted.processType),
      bodyOf(wanted, row),
      wanted.processType,
      signal,
    );
    if (result.kind === 'refused') {
      const limit = limitOf(result.answer);
      if (!answered || limit === undefined || !mayClamp || wanted.to <= wanted.from)
        return giveUp(result.failure);
      return await writeWithin(client, wanted, row, limit, signal);
    }
    const written =
      result.kind === 'ok' ? attempt(() => ownRow(result.answer, wanted.processType)) : result.failure;
    if (!(written instanceof Failure)) return resizedTo(written, answered);
    unknown = written;
    // A request that the rate limit stopped was not carried out; any other may have been, or be in a while.
    answered &&= written.code === 'HEROKU_RATE_LIMITED';
    const delayMs = retryDelayMs(result.kind === 'ok' ? 0 : result.retryInMs, retries);
    again = delayMs !== undefined && written.code !== 'HEROKU_TIMEOUT';
    await client.clock.sleep(again ? (delayMs ?? 0) : 0, signal);
  }
}

function tooLate(): Failure {
  return new Failure(
    'TICK_DEADLINE',
    'reading took so long that the decision may no longer hold',
    'Nothing to do once: the next tick tries again. Often: look at the load of Redis and at https://status.heroku.com.',
  );
}

/**
 * Once more with as many as the limit leaves. Never fewer than there are, as more were wanted: what runs is allowed,
 * however the limit is counted.
 */
async function writeWithin(
  client: HerokuClient,
  wanted: Resize,
  row: Row,
  refused: number,
  signal: AbortSignal,
): Promise<Written> {
  const { from, processType } = wanted;
  const rows = await readRows(client, signal);
  const others = sum(othersThan(processType, rows));
  const limit = limitFrom(refused, { from, to: wanted.to, others, size: wanted.size ?? row.size });
  const to = Math.min(allowedBy(limit, others), wanted.to);
  const stay: Written = { result: { kind: 'limited', answered: true, quantity: row.quantity, limit }, row };
  if (to <= from) return stay;
  try {
    const written = await write(client, { ...wanted, to }, signal, false);
    if (written.result.kind !== 'resized' || written.row === undefined) return written;
    const { answered, quantity } = written.result;
    return { result: { kind: 'limited', answered, quantity, limit }, row: written.row };
  } catch (thrown) {
    if (failureOf(thrown).code !== 'HEROKU_LIMIT') throw thrown;
    // However it is counted: for a while there are to be no more than there are.
    const most = { count: row.quantity, counts: 'type' } as const;
    return { result: { kind: 'limited', answered: true, quantity: row.quantity, limit: most }, row };
  }
}

async function readRows(client: HerokuClient, signal: AbortSignal): Promise<readonly Row[]> {
  return rowsOf((await client.get(FORMATION, undefined, signal)).json);
}

async function readRow(client: HerokuClient, processType: string, signal: AbortSignal): Promise<Row> {
  return ownRow(await client.get(pathOf(processType), processType, signal), processType);
}

function othersThan(processType: string, rows: readonly Row[]): ReadonlyMap<string, number> {
  const others = rows.filter((row) => row.processType !== processType);
  return new Map(others.map((row) => [row.processType, row.quantity]));
}

function sum(quantities: ReadonlyMap<string, number>): number {
  return [...quantities.values()].reduce((total, quantity) => total + quantity, 0);
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

function resizedTo(row: Row, answered: boolean): Written {
  return { result: { kind: 'resized', answered, quantity: row.quantity, size: row.size }, row };
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
