type Close = () => Promise<unknown>;

/** Closes resources, the last opened first, even if closing one fails. Can be called again. */
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
