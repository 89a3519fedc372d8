import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { findRedisBinary } from '../../src/standin/redis-binary.ts';
import { freePort, startRedisServer, type RedisServer } from '../../src/standin/redis-server.ts';
import { until } from './patience.ts';
import { selfSigned } from './self-signed.ts';

/** A server with a TLS port beside its plain one, under a certificate that nobody signed but itself. */
export async function startTlsServer(args: readonly string[] = []): Promise<{
  readonly plain: RedisServer;
  readonly tlsPort: number;
  /** The certificate, as settings of a server or a sentinel. */
  readonly files: readonly (readonly [name: string, file: string])[];
  stop(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-tls-'));
  const { key, certificate } = selfSigned('localhost');
  await writeFile(join(folder, 'key.pem'), key);
  await writeFile(join(folder, 'cert.pem'), certificate);
  const tlsPort = await freePort();
  const files = [
    ['tls-key-file', join(folder, 'key.pem')],
    ['tls-cert-file', join(folder, 'cert.pem')],
    ['tls-ca-cert-file', join(folder, 'cert.pem')],
  ] as const;
  const plain = await startRedisServer({
    args: [
      '--tls-port',
      String(tlsPort),
      '--tls-auth-clients',
      'no',
      ...files.flatMap(([name, file]) => [`--${name}`, file]),
      ...args,
    ],
  });
  return {
    plain,
    tlsPort,
    files,
    async stop() {
      await plain.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A sentinel that watches one master under the name `main`, with a quorum of two; further lines of its settings. */
export async function startSentinel(
  masterPort: number,
  lines: readonly string[] = [],
  access: { readonly username?: string; readonly password?: string } = {},
): Promise<{
  readonly port: number;
  readonly redis: Redis;
  stop(): Promise<void>;
}> {
  const binary = await findRedisBinary(() => {});
  const folder = await mkdtemp(join(tmpdir(), 'drover-sentinel-'));
  const port = await freePort();
  const config = join(folder, 'sentinel.conf');
  await writeFile(
    config,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${masterPort} 2`,
      'sentinel down-after-milliseconds main 500',
      'sentinel failover-timeout main 3000',
      ...lines,
      '',
    ].join('\n'),
  );
  const child = spawn(binary.path, [config, '--sentinel'], { env: binary.env, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, ...access });
  redis.on('error', () => {});
  await until(async () => (await redis.ping().catch(() => '')) === 'PONG');
  return {
    port,
    redis,
    async stop() {
      redis.disconnect();
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type TestCluster = {
  readonly nodes: readonly { readonly server: RedisServer; readonly redis: Redis; readonly id: string }[];
  stop(): Promise<void>;
};

const SLOTS = 16_384;

/** Masters that share the slots evenly, and after them as many nodes that replicate the first master. */
export async function startCluster(masters: number, replicas: number): Promise<TestCluster> {
  const nodes = await Promise.all(
    Array.from({ length: masters + replicas }, async () => {
      const port = await clusterPort();
      const server = await startRedisServer({
        port,
        args: [
          '--cluster-enabled',
          'yes',
          '--cluster-node-timeout',
          '1000',
          '--repl-diskless-sync-delay',
          '0',
        ],
      });
      const redis = new Redis(server.url);
      redis.on('error', () => {});
      return { server, redis, id: await redis.cluster('MYID') };
    }),
  );
  const [first] = nodes;
  if (!first) throw new Error('a cluster has nodes');
  for (const { server } of nodes.slice(1)) await first.redis.cluster('MEET', '127.0.0.1', server.port);
  for (const [index, { redis }] of nodes.slice(0, masters).entries()) {
    const from = Math.floor((index * SLOTS) / masters);
    const to = Math.floor(((index + 1) * SLOTS) / masters);
    await redis.cluster('ADDSLOTS', ...Array.from({ length: to - from }, (_, offset) => from + offset));
  }
  for (const { redis } of nodes.slice(masters)) {
    await until(async () => (await redis.cluster('REPLICATE', first.id).catch(() => '')) === 'OK');
  }
  for (const { redis } of nodes) {
    await until(async () => (await redis.cluster('INFO')).includes('cluster_state:ok'));
    await until(
      async () =>
        String(await redis.cluster('NODES'))
          .trim()
          .split('\n').length === nodes.length,
    );
  }
  return {
    nodes,
    async stop() {
      for (const { redis, server } of nodes) {
        redis.disconnect();
        await server.stop();
      }
    },
  };
}

/** The nodes talk to each other on a port that is higher by 10,000. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_000) return port;
  }
}
