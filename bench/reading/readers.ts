// The readers that are compared. Each gets a URL and the queue names, and returns a function that runs one tick.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { join } from 'node:path';

import { sumOf } from '../../src/core/sum.ts';

/** One tick: reads all queues and returns the number of waiting jobs. */
type Tick = () => Promise<number>;
type Opened = (url: string, names: readonly string[]) => Promise<Tick>;

/** `load` imports the reader's modules, so that their memory is not counted as the reader's. */
export const READERS: Readonly<Record<string, { readonly title: string; load(): Promise<Opened> }>> = {
  drover: {
    title: 'Drover',
    async load() {
      const { keepHeapSmall } = await import('../../src/cli/small-heap.ts');
      // First, as `drover run` does.
      keepHeapSmall();
      const { bullmqBacklog } = await import('../../src/adapters/bullmq/backlog.ts');
      const { connectRedis } = await import('../../src/adapters/redis/connect.ts');
      return async (url, names) => {
        const source = bullmqBacklog(connectRedis(url, { tlsVerify: true }), { prefix: 'bull' });
        return async () => {
          const signal = AbortSignal.timeout(300_000);
          const [backlog] = await source.read([{ patterns: names, horizonMs: 40_000 }], Date.now(), signal);
          return sumOf(backlog?.queues ?? [], ({ waiting }) => waiting);
        };
      };
    },
  },
  peek: {
    title: 'a peek between two ticks',
    async load() {
      const { keepHeapSmall } = await import('../../src/cli/small-heap.ts');
      keepHeapSmall();
      const { bullmqBacklog } = await import('../../src/adapters/bullmq/backlog.ts');
      const { connectRedis } = await import('../../src/adapters/redis/connect.ts');
      return async (url, names) => {
        const source = bullmqBacklog(connectRedis(url, { tlsVerify: true }), { prefix: 'bull' });
        return async () => {
          const [seen] = await source.peek([names], Date.now(), AbortSignal.timeout(300_000));
          return sumOf(seen?.values() ?? [], (jobs) => jobs);
        };
      };
    },
  },
  // The lower bound: the same script in the same batches on a bare socket.
  raw: {
    title: 'raw RESP, the same fields',
    async load() {
      const { SNAPSHOT_SCRIPT } = await import('../../src/adapters/bullmq/snapshot-script.ts');
      return async (url, names) => await rawReader(new URL(url).port, names, SNAPSHOT_SCRIPT);
    },
  },
  pipeline: {
    title: 'one ioredis pipeline, 5 counts only',
    async load() {
      const { Redis } = await import('ioredis');
      return async (url, names) => {
        const redis = new Redis(url);
        return async () => {
          const pipeline = redis.pipeline();
          for (const name of names) {
            const base = `bull:${name}:`;
            pipeline.llen(`${base}wait`).llen(`${base}active`).zcard(`${base}prioritized`);
            pipeline.zcard(`${base}delayed`).llen(`${base}paused`);
          }
          const replies = (await pipeline.exec()) ?? [];
          const waiting = replies.filter((_, index) => index % 5 === 0);
          return sumOf(waiting, ([, count]) => Number(count));
        };
      };
    },
  },
  kept: {
    title: 'getJobCounts, kept Queues',
    async load() {
      const { Queue } = await import('bullmq');
      const { Redis } = await import('ioredis');
      return async (url, names) => {
        const connection = new Redis(url, { maxRetriesPerRequest: null });
        const queues = names.map((name) => new Queue(name, { connection }));
        return async () => {
          const counts = await Promise.all(queues.map(async (queue) => await queue.getJobCounts()));
          return sumOf(counts, ({ waiting }) => waiting ?? 0);
        };
      };
    },
  },
  fresh: {
    title: 'getJobCounts, new Queues each tick',
    async load() {
      const { Queue } = await import('bullmq');
      const { Redis } = await import('ioredis');
      return async (url, names) => {
        const connection = new Redis(url, { maxRetriesPerRequest: null });
        return async () => {
          const counts = await Promise.all(
            names.map(async (name) => {
              const queue = new Queue(name, { connection });
              const found = await queue.getJobCounts();
              await queue.close();
              return found;
            }),
          );
          return sumOf(counts, ({ waiting }) => waiting ?? 0);
        };
      };
    },
  },
  judoscale: {
    title: 'judoscale-bullmq 2.2.5 (bullmq 5)',
    async load() {
      const require = createRequire(process.env['JUDOSCALE_PACKAGES'] ?? import.meta.filename);
      const Collector = require(join('judoscale-bullmq', COLLECTOR)) as JudoscaleCollector;
      return async (url) => {
        const silent = (): void => {};
        const logger = { debug: silent, info: silent, warn: silent, error: silent };
        const collector = new Collector({ redis_url: url, redis: url, logger, log_level: 'error' });
        return async () => {
          const metrics = await collector.collect();
          const depths = metrics.filter(({ identifier }) => identifier === 'qd');
          return sumOf(depths, ({ value }) => Number(value));
        };
      };
    },
  },
};

/** The module of judoscale-bullmq that reads the queues. */
const COLLECTOR = 'src/bull-mq-metrics-collector.js';

type JudoscaleCollector = new (config: object) => {
  collect(): Promise<readonly { readonly identifier: string; readonly value: unknown }[]>;
};

/** The adapter's batch of queues with one active job each. */
export const QUEUES_A_SCRIPT = 17;

async function rawReader(port: string, names: readonly string[], script: string): Promise<Tick> {
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const sha = createHash('sha1').update(script).digest('hex');
  let chunks: Buffer[] = [];
  let received = (): void => {};
  let first = true;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    received();
  });
  return async () => {
    const now = Date.now();
    const due = String((now + 1) * 4096 - 1);
    const soon = String((now + 40_001) * 4096 - 1);
    const out: string[] = [];
    let scripts = 0;
    for (let from = 0; from < names.length; from += QUEUES_A_SCRIPT) {
      const args = first ? ['EVAL_RO', script] : ['EVALSHA_RO', sha];
      first = false;
      args.push('0', '1', '1000', String(now), due);
      for (const name of names.slice(from, from + QUEUES_A_SCRIPT)) args.push(`bull:${name}:`, soon);
      out.push(`*${args.length}\r\n`, ...args.map((arg) => `$${arg.length}\r\n${arg}\r\n`));
      scripts += 1;
    }
    chunks = [];
    socket.write(out.join(''));
    for (;;) {
      await new Promise<void>((resolve) => {
        received = resolve;
      });
      const rows = parse(Buffer.concat(chunks).toString('latin1'), scripts);
      if (rows) return sumOf(rows, waitingOf);
    }
  };
}

/** The waiting jobs of the rows of one script: the first field of each. A row with holders is a list that starts with its fields. */
function waitingOf(rows: unknown): number {
  return sumOf(rows as unknown[], (row) => Number.parseInt(String(Array.isArray(row) ? row[0] : row), 10));
}

/** So many RESP2 replies, or undefined while some are still to arrive. */
function parse(text: string, wanted: number): unknown[] | undefined {
  let at = 0;
  const reply = (): unknown => {
    const end = text.indexOf('\r\n', at);
    if (end < 0) throw new Incomplete();
    const type = text[at];
    const head = text.slice(at + 1, end);
    at = end + 2;
    if (type === ':') return Number(head);
    if (type === '$') {
      const size = Number(head);
      if (size < 0) return null;
      if (at + size + 2 > text.length) throw new Incomplete();
      at += size + 2;
      return text.slice(at - size - 2, at - 2);
    }
    if (type === '*') return Array.from({ length: Number(head) }, reply);
    throw new Error(head);
  };
  if (!text.endsWith('\r\n')) return undefined;
  try {
    return Array.from({ length: wanted }, reply);
  } catch (thrown) {
    if (thrown instanceof Incomplete) return undefined;
    throw thrown;
  }
}

class Incomplete extends Error {}
