type Close = () => Promise<unknown>;

/** What has to be closed, the last opened first, whatever becomes of the others. Harmless when repeated. */
export class Closers {
  readonly #closes: Close[] = [];

  add(close: Close): void {
    this.#closes.push(close);
  }

  async closeAll(): Promise<void> {
    for (let close = this.#closes.pop(); close !== undefined; close = this.#closes.pop()) {
      await close().catch(({ message }: Error) => process.stderr.write(`while closing: ${message}\n`));
    }
  }
}
