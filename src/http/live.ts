import type { ServerResponse } from 'node:http';

/** Comments in between keep proxies, which close what is silent for a minute, from closing the stream. */
const BEAT_MS = 20_000;
const MOST_CLIENTS = 50;
/** A client that does not read is let go before it fills the memory. */
const MOST_UNREAD_BYTES = 1_000_000;

/** Server-sent events: what `look` finds goes to everybody who listens, whenever it has changed. */
export class Live {
  /** Each with whether it may still listen. */
  readonly #clients = new Map<ServerResponse, () => boolean>();
  readonly #look: () => Promise<string>;
  readonly #everyMs: number;
  #last = '';
  #timer: NodeJS.Timeout | undefined;
  #beatAt = 0;

  constructor(look: () => Promise<string>, everyMs: number) {
    this.#look = look;
    this.#everyMs = everyMs;
  }

  get full(): boolean {
    return this.#clients.size >= MOST_CLIENTS;
  }

  /** The stream is answered from here on; it ends with the connection. */
  add(client: ServerResponse, stillIn: () => boolean): void {
    this.#clients.set(client, stillIn);
    client.on('close', () => this.#clients.delete(client));
    client.write('retry: 3000\n\n');
    if (this.#last !== '') client.write(this.#last);
    // Nobody listens, nothing is asked: the first one starts it, the last one ends it.
    this.#timer ??= setTimeout(() => void this.#turn(), 0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const client of this.#clients.keys()) client.end();
    this.#clients.clear();
  }

  async #turn(): Promise<void> {
    // One line of JSON: a newline would end the event.
    const event = await this.#look().then(
      (data) => `event: status\ndata: ${data}\n\n`,
      () => 'event: lost\ndata: {}\n\n',
    );
    for (const [client, stillIn] of this.#clients) if (!stillIn()) client.end();
    if (event !== this.#last) this.#send(event);
    else if (Date.now() - this.#beatAt > BEAT_MS) this.#send(': still here\n\n');
    this.#last = event;
    if (this.#timer === undefined) return;
    this.#timer = this.#clients.size === 0 ? undefined : setTimeout(() => void this.#turn(), this.#everyMs);
  }

  #send(text: string): void {
    this.#beatAt = Date.now();
    for (const client of this.#clients.keys()) {
      if (client.writableEnded) continue;
      if (client.writableLength > MOST_UNREAD_BYTES) client.destroy();
      else client.write(text);
    }
  }
}
