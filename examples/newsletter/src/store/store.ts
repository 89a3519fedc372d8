/** The app's own data, in PostgreSQL's SQL. Throws StoreTimeout, or the driver's error with PostgreSQL's `code`. */
export type Store = {
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
};

/** A query took longer than it may. Names the query, so that the log shows what gave up. */
export class StoreTimeout extends Error {
  override readonly name = 'StoreTimeout';
  readonly code = 'DATABASE_TIMEOUT';
  readonly text: string;
  readonly afterMs: number;

  constructor(text: string, afterMs: number) {
    super(`the database did not answer within ${afterMs} ms`);
    this.text = text;
    this.afterMs = afterMs;
  }
}
