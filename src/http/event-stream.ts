import type { ServerResponse } from 'node:http';

/** Proxies close a connection that is silent for a minute: a comment keeps the stream open. */
const KEEP_ALIVE_MS = 20_000;
const MOST_CLIENTS = 50;
/** A client that does not read is disconnected before its backlog fills the memory. */
const MOST_UNREAD_BYTES = 1_000_000;

/** Server-sent events: sends what `read` returns to all clients whenever it has changed. */
export class EventStream {
  /** Each client with the check whether it is still admitted. */
  readonly #clients = new Map<ServerResponse, () => boolean>();
  readonly #read: () => Promise<string>;
  readonly #everyMs: number;
  #last = '';
  #timer: NodeJS.Timeout | undefined;
  #sentAt = 0;

  readonly #lost: string;

  /** `read` returns one line of JSON: a newline would end the event. `lost` is sent, as JSON, while it throws. */
  constructor(read: () => Promise<string>, everyMs: number, lost = '{}') {
    this.#lost = lost;
    this.#read = read;
    this.#everyMs = everyMs;
  }

  get full(): boolean {
    return this.#clients.size >= MOST_CLIENTS;
  }

  /** Writes to the response until its connection or the client's session ends. */
  add(client: ServerResponse, stillAdmitted: () => boolean): void {
    this.#clients.set(client, stillAdmitted);
    client.on('close', () => this.#clients.delete(client));
    client.write('retry: 3000\n\n');
    if (this.#last !== '') client.write(this.#last);
    // Redis is read only while there are clients: the first starts the timer, the last one stops it.
    this.#timer ??= setTimeout(() => void this.#update(), 0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const client of this.#clients.keys()) client.end();
    this.#clients.clear();
  }

  async #update(): Promise<void> {
    const event = await this.#read().then(
      (data) => `event: status\ndata: ${data}\n\n`,
      () => `event: lost\ndata: ${this.#lost}\n\n`,
    );
    for (const [client, stillAdmitted] of this.#clients) if (!stillAdmitted()) client.end();
    if (event !== this.#last) this.#send(event);
    else if (Date.now() - this.#sentAt > KEEP_ALIVE_MS) this.#send(': keep-alive\n\n');
    this.#last = event;
    if (this.#timer === undefined) return;
    this.#timer = this.#clients.size === 0 ? undefined : setTimeout(() => void this.#update(), this.#everyMs);
  }

  #send(text: string): void {
    this.#sentAt = Date.now();
    for (const client of this.#clients.keys()) {
      if (client.writableEnded) continue;
      if (client.writableLength > MOST_UNREAD_BYTES) client.destroy();
      else client.write(text);
    }
  }
}
