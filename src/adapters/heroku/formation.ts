import { Failure } from '../../failure.ts';
import type { Formation, FormationState } from '../../ports/platform.ts';
import { rowsOf, type Row } from './answer.ts';
import type { Allowance } from './budget.ts';
import { FORMATION, herokuClient, type HerokuOptions } from './client.ts';
import { HEROKU } from './platform.ts';
import { missingType } from './refusal.ts';
import { standstillReader } from './standstill.ts';
import { write } from './write.ts';

/**
 * The formation of a Heroku app. Readings are as old as the account's rate limit requires, except the one before each
 * write, which is always fresh: another request is a small price for never overwriting what an operator just set.
 */
export function herokuFormation(options: HerokuOptions): Formation {
  const client = herokuClient(options);
  const readings = new CachedReadings();
  const readStandstill = standstillReader(client);
  let allowance: Allowance | undefined;
  const allowanceNow = (): Allowance => client.account.allowanceAt(allowance, client.clock.monotonicMs());

  const keep = ({ processType, quantity, size }: Row, others: FormationState['others']): FormationState => {
    const state = {
      processType,
      quantity,
      size,
      others,
      readAt: client.clock.now(),
      naming: namingOf(processType, others),
    };
    readings.keep(processType, state, client.clock.monotonicMs());
    return state;
  };
  const keepMissing = (processType: string, rows: readonly Row[]): Failure => {
    const known = rows.map((row) => row.processType);
    const missing = missingType(processType, client.appName, known);
    readings.keep(processType, missing, client.clock.monotonicMs());
    return missing;
  };

  return {
    platform: HEROKU,

    async standstill(_processType, signal) {
      allowance = allowanceNow();
      return allowance.changes < 1 ? { kind: 'budget' } : await readStandstill(signal);
    },
    requestsLeft: () => client.account.budget?.remaining,
    // Dynos have numbers, so none is ever marked.
    unmark: async () => {},
    async read(processTypes, signal) {
      const maxAgeMs = client.account.readingMayAgeMs();
      const cached = readings.all(processTypes, client.clock.monotonicMs(), maxAgeMs);
      if (cached !== undefined) return cached;
      try {
        const rows = rowsOf((await client.get(FORMATION, undefined, signal)).json);
        return new Map(
          processTypes.map((processType) => {
            const row = rows.find((candidate) => candidate.processType === processType);
            const reading =
              row === undefined
                ? keepMissing(processType, rows)
                : keep(row, quantitiesExcept(processType, rows));
            return [processType, reading];
          }),
        );
      } catch (thrown) {
        if (!(thrown instanceof Failure)) throw thrown;
        return new Map(processTypes.map((processType) => [processType, thrown]));
      }
    },

    async resize(wanted, signal) {
      // Whatever becomes of the write, an earlier reading no longer holds.
      const others = readings.forget(wanted.processType)?.others ?? new Map();
      const { changes, atMs } = allowanceNow();
      allowance = { changes: changes - 1, atMs };
      const { result, row } = await write(client, wanted, signal);
      if (row !== undefined) keep(row, others);
      return result;
    },
  };
}

type Reading = FormationState | Failure;

/** The last reading of each process type. Times are monotonic ms. */
class CachedReadings {
  readonly #readings = new Map<string, { readonly reading: Reading; readonly atMs: number }>();

  keep(processType: string, reading: Reading, atMs: number): void {
    this.#readings.set(processType, { reading, atMs });
  }

  /** Drops the reading, and returns it unless it was a failure. */
  forget(processType: string): FormationState | undefined {
    const reading = this.#readings.get(processType)?.reading;
    this.#readings.delete(processType);
    return reading instanceof Failure ? undefined : reading;
  }

  /** The readings of all these process types; undefined if one is missing or too old. */
  all(processTypes: readonly string[], nowMs: number, maxAgeMs: number): Map<string, Reading> | undefined {
    const found = new Map<string, Reading>();
    for (const processType of processTypes) {
      const kept = this.#readings.get(processType);
      if (kept === undefined || nowMs - kept.atMs >= maxAgeMs) return undefined;
      found.set(processType, kept.reading);
    }
    return found;
  }
}

function quantitiesExcept(processType: string, rows: readonly Row[]): ReadonlyMap<string, number> {
  const others = rows.filter((row) => row.processType !== processType);
  return new Map(others.map((row) => [row.processType, row.quantity]));
}

/**
 * Cedar's numbers, the highest removed first. Fir's dynos have no numbers, and which of them is removed is not documented,
 * so their names are none of these.
 */
function namingOf(processType: string, others: FormationState['others']): FormationState['naming'] {
  const otherPrefixes = [...others.keys()].map((other) => `${other}.`);
  return { kind: 'numbered', prefix: `${processType}.`, base: 1, first: 1, otherPrefixes };
}
