import { HEROKU_PRICES } from '../../src/adapters/heroku/prices.ts';
import { memoryJournal } from '../../src/adapters/dry-run/memory-journal.ts';
import type { HttpPorts } from '../../src/http/route-context.ts';
import { startServer, type HttpServer } from '../../src/http/server.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { Prices } from '../../src/journal/prices.ts';
import { nextStatus, type Status } from '../../src/journal/status.ts';
import type { Failure } from '../../src/failure.ts';
import type { Journal, Pause } from '../../src/ports.ts';

export const TOKEN = 'dashboard-s3cret-token';

/** What the clock of one app wrote, in memory; the time is a test's. */
export class SiteApp {
  readonly appName: string;
  at: number;
  pause: Pause | undefined;
  /** Set: nothing that the clock wrote can be read. */
  lost: Failure | undefined;
  /** What the platform calls one worker. */
  noun: string | undefined;
  prices: Prices | undefined = HEROKU_PRICES;
  /** Whether the clock changes nothing. */
  shadow = false;
  /** How often the journal was asked where things stand. */
  loads = 0;
  readonly #journal: Journal = memoryJournal();
  #status: Status | undefined;

  constructor(at: number, appName = 'my-app') {
    this.at = at;
    this.appName = appName;
  }

  ports(publishes = false): HttpPorts {
    const journal = this.#journal;
    const reading = async <T>(read: () => Promise<T>): Promise<T> => {
      if (this.lost) throw this.lost;
      return await read();
    };
    return {
      appName: this.appName,
      journal: {
        load: async (signal) => {
          this.loads += 1;
          return await reading(async () => await journal.load(signal));
        },
        entries: async (most, signal) => await reading(async () => await journal.entries(most, signal)),
        history: async (from, to, signal) =>
          await reading(async () => await journal.history(from, to, signal)),
      },
      pause: {
        read: async () => this.pause,
        set: async (pause) => {
          this.pause = pause;
        },
        clear: async () => {
          this.pause = undefined;
        },
      },
      clock: { now: () => this.at },
      prices: this.prices,
      publishes,
    };
  }

  async record(entries: Iterable<Entry>): Promise<void> {
    const { signal } = new AbortController();
    for (const entry of entries) {
      const next = nextStatus(this.#status, entry, {
        appName: this.appName,
        timeZone: 'UTC',
        noun: this.noun,
        prices: this.prices,
        ...(this.shadow ? { shadow: true } : {}),
      });
      this.#status = next.status;
      await this.#journal.record(
        { ...entry, bursts: next.bursts },
        { status: next.status, alarms: {} },
        signal,
      );
      this.at = entry.at + 1000;
    }
  }
}

/** The HTTP side of an app and, beside it, of `others`. */
export class Site extends SiteApp {
  readonly failures: string[] = [];
  /** Log lines about wrong tokens. */
  readonly authFailures: { readonly address: string; readonly message: string }[] = [];
  readonly #others: readonly SiteApp[];
  #server: HttpServer | undefined;

  constructor(at: number, ...others: readonly SiteApp[]) {
    super(at);
    this.#others = others;
  }

  get url(): string {
    if (!this.#server) throw new Error('not started');
    return this.#server.url;
  }

  /** `herokuRouter`: as on a dyno, where the last entry of X-Forwarded-For is the client. */
  async start(
    {
      token,
      herokuRouter = false,
      publishes = false,
    }: {
      readonly token?: string | undefined;
      readonly herokuRouter?: boolean;
      readonly publishes?: boolean;
    } = { token: TOKEN },
  ): Promise<this> {
    this.#server = await startServer(
      [this, ...this.#others].map((app) => app.ports(publishes)),
      { dashboard: true, host: '127.0.0.1', port: 0, token, herokuRouter },
      {
        failed: ({ code }) => this.failures.push(code),
        authFailed: (failure) => this.authFailures.push(failure),
      },
    );
    return this;
  }

  async get(
    path: string,
    headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` },
  ): Promise<Response> {
    return await fetch(this.url + path, { headers, redirect: 'manual' });
  }

  async post(path: string, body: string, headers: Record<string, string>): Promise<Response> {
    return await fetch(this.url + path, { method: 'POST', body, headers, redirect: 'manual' });
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }
}
