import type { Answer } from '../../src/adapters/http/answer.ts';
import {
  noAnswer,
  type Method,
  type RequestOptions,
  type Requester,
} from '../../src/adapters/heroku/request.ts';
import type { Failure } from '../../src/failure.ts';
import type { Random } from '../../src/sim/random.ts';
import type { HerokuFault } from './story.ts';
import type { Entry, Machine, Time } from './time.ts';

const BUCKET = 4500;
const REFILL = 75;
const REFILL_MS = 60_000;

export type Row = { quantity: number; size: string; inProcfile: boolean };

/** A change of a quantity, as the platform made it. */
export type Change = {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  /** The request that caused it; absent: a manual change or a deploy. */
  readonly sent?: Sent | undefined;
};

/** A PATCH as a clock sent it; the platform may carry it out much later. */
export type Sent = {
  readonly machine: Machine;
  readonly type: string;
  readonly from: number;
  readonly quantity: unknown;
  readonly at: number;
};

export type PlatformEvents = {
  changed(change: Change): void;
  /** A PATCH left a clock. */
  patched(sent: Sent): void;
  requested(remaining: number): void;
  /** A raise was refused by the limit. */
  limited(type: string): void;
};

type Reply = {
  readonly status: number;
  readonly json: unknown;
  readonly headers: Readonly<Record<string, string>>;
};

/** The Platform API as one app's clocks meet it, and the formation behind it. */
export class Platform {
  readonly rows = new Map<string, Row>();
  maintenance = false;
  releasing = false;
  limit: { readonly count: number; readonly per: 'app' | 'type' } | undefined;
  readonly faults = new Set<{ readonly fault: HerokuFault; readonly of: 'all' | 'PATCH' }>();
  remaining = BUCKET;
  readonly #time: Time;
  readonly #random: Random;
  readonly #events: PlatformEvents;

  constructor(time: Time, random: Random, events: PlatformEvents) {
    this.#time = time;
    this.#random = random;
    this.#events = events;
    const refill = (): void => {
      this.remaining = Math.min(BUCKET, this.remaining + REFILL);
      time.after(REFILL_MS, refill);
    };
    time.after(REFILL_MS, refill);
  }

  /** How many of this type the limit allows, beside what the others are set to; Infinity without one. */
  allowed(type: string): number {
    const { limit } = this;
    if (limit === undefined) return Infinity;
    return limit.per === 'type' ? limit.count : Math.max(0, limit.count - this.#others(type));
  }

  set(type: string, quantity: number, sent?: Sent): void {
    const row = this.rows.get(type);
    if (row === undefined || !row.inProcfile || row.quantity === quantity) return;
    const from = row.quantity;
    row.quantity = quantity;
    this.#events.changed({ type, from, to: quantity, sent });
  }

  requesterFor(machine: Machine): Requester {
    return (options) => async (method, path, body, signal) =>
      await this.#request(machine, options, method, path, body, signal);
  }

  async #request(
    machine: Machine,
    options: RequestOptions,
    method: Method,
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Answer | Failure> {
    signal.throwIfAborted();
    const type = typeOf(path);
    const from = this.rows.get(type)?.quantity ?? 0;
    const sent: Sent = { machine, type, from, quantity: quantityOf(body), at: this.#time.now };
    if (method === 'PATCH') this.#events.patched(sent);
    return await new Promise<Answer | Failure>((resolve, reject) => {
      const timeout = this.#time.on(machine, options.timeoutMs, () =>
        resolve(noAnswer('ETIMEDOUT', options)),
      );
      const end = (): void => {
        timeout.cancelled = true;
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        end();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#carry(method, path, sent, (reply, delayMs) => {
        this.#time.on(machine, delayMs, () => {
          end();
          resolve(answerOf(reply));
        });
      });
    });
  }

  /** Carries a request to the platform, and its answer back, as well as the network and the platform do now. */
  #carry(method: Method, path: string, sent: Sent, answer: (reply: Reply, delayMs: number) => void): void {
    const onWayMs = 20 + this.#random() * 150;
    const { fault } = [...this.faults].find(({ of }) => of === 'all' || of === method) ?? {};
    const serve = (inMs: number, then: (reply: Reply) => void = () => {}): Entry =>
      this.#time.after(inMs, () => then(this.#serve(method, path, sent)));
    switch (fault?.how) {
      case 'request lost':
        return;
      case 'answer lost':
        serve(onWayMs);
        return;
      case 'late':
        serve(fault.byMs, (reply) => answer(reply, onWayMs));
        return;
      case 'twice':
        serve(onWayMs);
        if (method === 'PATCH') serve(fault.byMs);
        return;
      case 'slow':
        serve(onWayMs, (reply) => answer(reply, fault.byMs));
        return;
      case 'refused':
        this.#time.after(onWayMs, () => answer(this.#counted(refusal(fault.status)), onWayMs));
        return;
      case 'rate limited': {
        const headers = { 'retry-after': String(fault.retryAfterS) };
        this.#time.after(onWayMs, () =>
          answer(this.#counted({ status: 429, json: { id: 'rate_limit' }, headers }), onWayMs),
        );
        return;
      }
      case undefined:
        serve(onWayMs, (reply) => answer(reply, onWayMs));
        return;
      default:
        fault satisfies never;
    }
  }

  #serve(method: Method, path: string, sent: Sent): Reply {
    if (this.remaining < 1) return this.#counted({ status: 429, json: { id: 'rate_limit' }, headers: {} });
    this.remaining -= 1;
    this.#events.requested(this.remaining);
    return this.#counted(this.#route(method, path.replace(/^\/apps\/[^/]+/, ''), sent));
  }

  #counted(reply: Reply): Reply {
    const headers = { 'ratelimit-remaining': String(this.remaining), 'ratelimit-multiplier': '1' };
    return { ...reply, headers: { ...headers, ...reply.headers } };
  }

  #route(method: Method, path: string, sent: Sent): Reply {
    if (path === '') return ok({ name: 'shop', maintenance: this.maintenance });
    if (path === '/dynos') return ok(this.releasing ? [{ type: 'release', state: 'up' }] : []);
    if (path === '/formation') {
      return ok([...this.rows].flatMap(([type, row]) => (row.inProcfile ? [document(type, row)] : [])));
    }
    const type = typeOf(path);
    const row = this.rows.get(type);
    if (row === undefined || !row.inProcfile) {
      return { status: 404, json: { id: 'not_found', resource: 'formation' }, headers: {} };
    }
    if (method === 'PATCH') {
      const quantity = sent.quantity ?? row.quantity;
      if (typeof quantity !== 'number' || !Number.isSafeInteger(quantity) || quantity < 0) {
        return { status: 422, json: { id: 'invalid_params' }, headers: {} };
      }
      if (quantity > row.quantity && quantity > this.allowed(type)) {
        this.#events.limited(type);
        return {
          status: 422,
          json: { id: 'cannot_update_above_limit', limit: this.limit?.count },
          headers: {},
        };
      }
      this.set(type, quantity, sent);
    }
    return ok(document(type, row));
  }

  #others(type: string): number {
    return [...this.rows].reduce((sum, [name, row]) => (name === type ? sum : sum + row.quantity), 0);
  }
}

function ok(json: unknown): Reply {
  return { status: 200, json, headers: {} };
}

function document(type: string, row: Row): unknown {
  return { type, quantity: row.quantity, size: row.size, dyno_size: { name: row.size } };
}

function refusal(status: number): Reply {
  const json =
    status === 404 ? { id: 'not_found', resource: 'app' } : status < 500 ? { id: 'unauthorized' } : undefined;
  return { status, json, headers: {} };
}

function answerOf({ status, json, headers }: Reply): Answer {
  return { status, json, header: (name) => headers[name] };
}

function typeOf(path: string): string {
  return decodeURIComponent(path.split('/').at(-1) ?? '');
}

function quantityOf(body: unknown): unknown {
  return (body as { quantity?: unknown } | undefined)?.quantity;
}
