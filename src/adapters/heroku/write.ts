import { allowedBy, type PlatformLimit } from '../../core/platform-limit.ts';
import { Failure, failureOf } from '../../failure.ts';
import { limitPerType } from '../../heroku-sizes.ts';
import type { Resize, Resized } from '../../ports/platform.ts';
import { sameSize } from '../../core/same-size.ts';
import type { Answer } from '../http/answer.ts';
import { malformed, rowOf, rowsOf, type Row } from './answer.ts';
import { FORMATION, type HerokuClient } from './client.ts';
import { limitOf } from './refusal.ts';
import { retryDelayMs } from '../http/retry.ts';

/** `row` is the process type after the write; absent: unknown. */
export type Written = { readonly result: Resized; readonly row?: Row };

/**
 * Reads, compares, writes, and repeats that while the outcome is unknown: a write whose answer was lost is found done by
 * the next reading, and one that was not done is repeated only if the quantity is still the one that was decided on.
 */
export async function write(
  client: HerokuClient,
  wanted: Resize,
  signal: AbortSignal,
  mayClamp = true,
): Promise<Written> {
  let unknown: Failure | undefined;
  let answered = true;
  let again = true;
  try {
    for (let retries = 0; ; retries += 1) {
      const row = await readRow(client, wanted.processType, signal);
      if (reached(row, wanted) && (unknown !== undefined || wanted.from === wanted.to))
        return resizedTo(row, answered);
      if (row.quantity !== wanted.from)
        return { result: { kind: 'overtaken', answered, quantity: row.quantity }, row };
      if (unknown !== undefined && !again) throw unknown;
      if (client.clock.monotonicMs() > (wanted.sendBeforeMs ?? Infinity)) throw tooLate();

      const result = await client.patch(
        pathOf(wanted.processType),
        bodyOf(wanted, row),
        wanted.processType,
        signal,
      );
      if (result.kind === 'refused') {
        const limit = limitOf(result.answer);
        if (!answered || limit === undefined || !mayClamp || wanted.to <= wanted.from) throw result.failure;
        return await writeWithin(client, wanted, { row, limit }, signal);
      }
      const written =
        result.kind === 'ok' ? attempt(() => ownRow(result.answer, wanted.processType)) : result.failure;
      if (!(written instanceof Failure)) return resizedTo(written, answered);
      unknown = written;
      // A request refused by the rate limit was not carried out; any other may have been, or will be later.
      answered &&= written.code === 'HEROKU_RATE_LIMITED';
      const delayMs = retryDelayMs(result.kind === 'ok' ? 0 : result.retryInMs, retries);
      again = delayMs !== undefined && written.code !== 'HEROKU_TIMEOUT';
      await client.clock.sleep(again ? (delayMs ?? 0) : 0, signal);
    }
  } catch (thrown) {
    // A request without an answer may still be carried out, so a failure after it is not the whole outcome.
    if (answered) throw thrown;
    return { result: { kind: 'unknown', answered, failure: failureOf(thrown) } };
  }
}

/**
 * Writes once more, as many dynos as the limit leaves. Never fewer than run now, as more were wanted: what runs is
 * allowed, whatever the limit counts.
 */
async function writeWithin(
  client: HerokuClient,
  wanted: Resize,
  refused: { readonly row: Row; readonly limit: number },
  signal: AbortSignal,
): Promise<Written> {
  const { from, processType } = wanted;
  const { row } = refused;
  const rows = rowsOf((await client.get(FORMATION, undefined, signal)).json);
  const others = rows.reduce(
    (sum, other) => (other.processType === processType ? sum : sum + other.quantity),
    0,
  );
  const limit = limitFrom(refused.limit, { from, to: wanted.to, others, size: wanted.size ?? row.size });
  const to = Math.min(allowedBy(limit, others), wanted.to);
  const unchanged = (by: PlatformLimit): Written => {
    return { result: { kind: 'limited', answered: true, quantity: row.quantity, limit: by }, row };
  };
  if (to <= from) return unchanged(limit);
  try {
    const written = await write(client, { ...wanted, to }, signal, false);
    if (written.result.kind !== 'resized' || written.row === undefined) return written;
    const { answered, quantity } = written.result;
    return { result: { kind: 'limited', answered, quantity, limit }, row: written.row };
  } catch (thrown) {
    if (failureOf(thrown).code !== 'HEROKU_LIMIT') throw thrown;
    // What the limit counts is unknown, so for a while the present quantity is the most.
    return unchanged({ count: row.quantity, counts: 'type' });
  }
}

/**
 * What the `limit` of a refusal counts, which the refusal does not say: the dynos of the type or those of the app.
 * `others`: the quantities of the app's other types together.
 */
export function limitFrom(
  count: number,
  wanted: { readonly from: number; readonly to: number; readonly others: number; readonly size: string },
): PlatformLimit {
  const sizeIsLimited = limitPerType(wanted.size) !== undefined;
  // An app that has more dynos than the limit already shows that it does not count the app's.
  const countsType = wanted.to > count && (sizeIsLimited || wanted.from + wanted.others > count);
  return { count, counts: countsType ? 'type' : 'app' };
}

function tooLate(): Failure {
  return new Failure(
    'TICK_DEADLINE',
    'reading took so long that the decision may be out of date; nothing was sent',
    'Drover retries on the next tick. If this happens often, check the load of Redis and https://status.heroku.com.',
  );
}

async function readRow(client: HerokuClient, processType: string, signal: AbortSignal): Promise<Row> {
  return ownRow(await client.get(pathOf(processType), processType, signal), processType);
}

/** The answer's row. Throws HEROKU_REPLY if it is that of another process type. */
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
