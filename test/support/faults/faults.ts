import { setTimeout as sleep } from 'node:timers/promises';

import type { Fault as PlatformFault } from '../../../src/standin/fault.ts';
import type { NetworkMode } from './fault-proxy.ts';
import type { FaultHarness, DroverInstance } from './harness.ts';

/** Something that goes wrong, and ends. */
export type InjectedFault = {
  readonly name: string;
  /** Its effect on the clock: it cannot read, cannot write, or continues. */
  readonly effect: 'blind' | 'cannot act' | 'goes on';
  start(harness: FaultHarness, drover: DroverInstance): Promise<void> | void;
  end(harness: FaultHarness, drover: DroverInstance): Promise<void> | void;
  /** It breaks connections, which return in real time, while the ticks of the harness follow each other at once. */
  readonly reconnects?: true;
  /** The most rounds it may last, so that the backoff it causes is over within two ticks of its end. */
  readonly longest?: number;
};

const network = (
  name: string,
  mode: NetworkMode,
  effect: InjectedFault['effect'] = 'blind',
): InjectedFault => ({
  name: `Redis: ${name}`,
  effect,
  start: (_, drover) => {
    drover.network.mode = mode;
  },
  end: (_, drover) => {
    drover.network.mode = { kind: 'pass' };
  },
  ...(effect === 'blind' ? { reconnects: true as const } : {}),
});

const redis = (
  name: string,
  effect: InjectedFault['effect'],
  begin: (harness: FaultHarness) => Promise<unknown>,
  end: (harness: FaultHarness) => Promise<unknown>,
): InjectedFault => ({
  name: `Redis: ${name}`,
  effect,
  start: async (harness) => void (await begin(harness)),
  end: async (harness) => void (await end(harness)),
});

const reconnecting = (fault: InjectedFault): InjectedFault => ({ ...fault, reconnects: true });

const heroku = (
  name: string,
  effect: InjectedFault['effect'],
  fault: PlatformFault,
  options: { readonly methods?: readonly string[]; readonly longest?: number } = {},
): InjectedFault => ({
  name: `Heroku: ${name}`,
  effect,
  start: ({ platform }) => {
    const { methods = ['GET', 'PATCH'] } = options;
    platform.intercept(({ method, path }) =>
      methods.includes(method) && path.includes('/formation') ? fault : 'pass',
    );
  },
  end: ({ platform }) => platform.intercept(undefined),
  ...(options.longest === undefined ? {} : { longest: options.longest }),
});

const REFUSED = { longest: 2 };

/** Everything that the suite and the soak inject. */
export const FAULTS: readonly InjectedFault[] = [
  network('connections are reset', { kind: 'refuse' }),
  network('cut in mid-reply', { kind: 'cut', afterBytes: 3 }),
  network('half-open, nothing is answered', { kind: 'half-open' }),
  network('answers with garbage', { kind: 'garbage' }),
  network('one byte at a time', { kind: 'drip', everyMs: 50 }),
  network('slow by 20 ms', { kind: 'delay', ms: 20 }, 'goes on'),
  reconnecting(
    redis(
      'every connection killed',
      'goes on',
      async ({ admin }) => await admin.client('KILL', 'USER', 'drover'),
      async () => {},
    ),
  ),
  redis(
    'the user loses every right',
    'blind',
    async ({ admin }) => await admin.acl('SETUSER', 'drover', '-@all', 'clearselectors'),
    async (harness) => await harness.grantRights(),
  ),
  reconnecting(
    redis(
      'the password is changed',
      'blind',
      async ({ admin }) => {
        await admin.acl('SETUSER', 'drover', 'resetpass', '>another');
        await admin.client('KILL', 'USER', 'drover');
      },
      async (harness) => await harness.grantRights(),
    ),
  ),
  redis(
    'out of memory',
    'goes on',
    async ({ admin }) => await admin.config('SET', 'maxmemory', '1'),
    async ({ admin }) => await admin.config('SET', 'maxmemory', '0'),
  ),
  redis(
    'a replica that lost its master',
    'blind',
    async ({ admin }) => {
      await admin.config('SET', 'replica-serve-stale-data', 'no');
      await admin.call('REPLICAOF', '127.0.0.1', '1');
    },
    async ({ admin }) => {
      await admin.call('REPLICAOF', 'NO', 'ONE');
      await admin.config('SET', 'replica-serve-stale-data', 'yes');
    },
  ),
  redis(
    'a read-only replica',
    'blind',
    async ({ admin }) => await admin.call('REPLICAOF', '127.0.0.1', '1'),
    async ({ admin }) => await admin.call('REPLICAOF', 'NO', 'ONE'),
  ),
  reconnecting(
    redis(
      'no more clients',
      'blind',
      async ({ admin }) => {
        await admin.config('SET', 'maxclients', '1');
        await admin.client('KILL', 'USER', 'drover');
      },
      async ({ admin }) => await admin.config('SET', 'maxclients', '10000'),
    ),
  ),
  redis(
    'busy with a script',
    'blind',
    async ({ admin, redis: { port } }) => {
      await admin.config('SET', 'busy-reply-threshold', '1');
      const { Redis } = await import('ioredis');
      const busy = new Redis({ port, maxRetriesPerRequest: 0 });
      busy.on('error', () => {});
      busy.eval('while true do end', 0).then(
        () => {},
        () => busy.disconnect(),
      );
      while (await answers(admin)) await sleep(5);
    },
    async ({ admin }) => {
      await admin.script('KILL').catch(() => {});
      while (!(await answers(admin))) await sleep(5);
    },
  ),
  loading(),
  redis(
    'the queue is of another type',
    'blind',
    async ({ admin }) => {
      await admin.rename('bull:mail:wait', 'aside').catch(() => {});
      await admin.set('bull:mail:wait', 'a string');
    },
    async ({ admin }) => {
      await admin.del('bull:mail:wait');
      await admin.rename('aside', 'bull:mail:wait').catch(() => {});
    },
  ),
  redis(
    'what Drover kept is corrupted',
    'goes on',
    async ({ admin }) => {
      for (const key of await admin.keys('drover:*')) {
        if (!/lease|fence/.test(key)) await admin.set(key, '{"version":1,"memory":{"__proto__":[]}}');
      }
      await admin.del('drover:{my-app}:pause');
    },
    async () => {},
  ),
  redis(
    'what Drover kept is gone',
    'goes on',
    async ({ admin }) => {
      for (const key of await admin.keys('drover:*')) await admin.del(key);
    },
    async () => {},
  ),

  heroku('500', 'blind', { status: 500, body: { id: 'internal_server_error', message: 'x' } }),
  heroku('503 with HTML', 'blind', { status: 503, body: '<html><h1>Application Error</h1></html>' }),
  heroku('200 with HTML', 'blind', { status: 200, body: '<!doctype html><title>Welcome</title>' }),
  heroku('an empty 200', 'blind', { status: 200, body: '' }),
  heroku('truncated JSON', 'blind', { status: 200, body: '{"type":"worker","quant' }),
  heroku('a quantity that is a text', 'blind', {
    status: 200,
    body: { type: 'worker', quantity: '3', size: 'Standard-1X' },
  }),
  heroku('a quantity below zero', 'blind', {
    status: 200,
    body: { type: 'worker', quantity: -1, size: 'Standard-1X' },
  }),
  heroku('another process type', 'blind', {
    status: 200,
    body: { type: 'web', quantity: 0, size: 'Standard-1X' },
  }),
  heroku('no answer', 'blind', { hang: true }),
  heroku('a reset', 'blind', { reset: true }),
  heroku('slow by 30 ms', 'goes on', { delayMs: 30 }),
  heroku('cut in mid-answer', 'blind', { cutAfterBytes: 10 }),
  heroku('one byte at a time', 'blind', { dripMs: 30 }),
  heroku('429 with seconds', 'blind', {
    status: 429,
    headers: { 'retry-after': '1' },
    body: { id: 'rate_limit' },
  }),
  {
    ...heroku('429 with a date', 'blind', { status: 429 }),
    start: (harness) =>
      harness.platform.intercept(() => {
        const headers = { 'retry-after': new Date(harness.herokuNow + 1000).toUTCString() };
        return { status: 429, headers, body: { id: 'rate_limit' } };
      }),
  },
  heroku('401', 'blind', { status: 401, body: { id: 'unauthorized', message: 'x' } }, REFUSED),
  heroku('403', 'blind', { status: 403, body: { id: 'forbidden', message: 'x' } }, REFUSED),
  heroku('404', 'blind', { status: 404, body: { id: 'not_found', resource: 'formation' } }, REFUSED),
  heroku('writes fail with 500', 'cannot act', { status: 500, body: '' }, { methods: ['PATCH'] }),
  heroku(
    'writes are refused',
    'cannot act',
    { status: 403, body: { id: 'forbidden' } },
    { methods: ['PATCH'], longest: 2 },
  ),
  heroku('writes are done, their answers lost', 'goes on', { applyThenReset: true }, { methods: ['PATCH'] }),
  heroku(
    'writes are done, their answers never come',
    'goes on',
    { applyThenHang: true },
    { methods: ['PATCH'] },
  ),

  {
    name: 'the system clock jumps an hour ahead',
    effect: 'goes on',
    start: ({ clock }) => {
      clock.at += 3_600_000;
    },
    end: () => {},
  },
  {
    name: 'the system clock jumps an hour back',
    effect: 'goes on',
    start: ({ clock }) => {
      clock.at -= 3_600_000;
    },
    end: () => {},
  },
];

/** Redis reloads its data slowly, and meanwhile answers only LOADING. */
function loading(): InjectedFault {
  let loaded: Promise<unknown> = Promise.resolve();
  return {
    name: 'Redis: loading its data',
    effect: 'blind',
    start: async ({ admin, redis: { port } }) => {
      await admin.config('SET', 'loading-process-events-interval-bytes', '1024');
      await admin.config('SET', 'key-load-delay', '20000');
      await admin.eval("for i = 1, 500 do redis.call('SET', 'filler:' .. i, string.rep('x', 300)) end", 0);
      const { Redis } = await import('ioredis');
      const debug = new Redis({ port, maxRetriesPerRequest: 0 });
      loaded = debug.debug('RELOAD').finally(() => debug.disconnect());
      while (await answers(admin)) await sleep(5);
    },
    end: async ({ admin }) => {
      // Redis accepts the change while it loads, and loads the rest at once.
      await admin.config('SET', 'key-load-delay', '0').catch(() => {});
      await loaded;
      await admin.config('SET', 'key-load-delay', '0');
      await admin.eval("for i = 1, 500 do redis.call('DEL', 'filler:' .. i) end", 0);
    },
  };
}

async function answers(admin: FaultHarness['admin']): Promise<boolean> {
  return await admin.ping().then(
    () => true,
    () => false,
  );
}
