import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startMailSink, type MailSink } from '../mail/sink.ts';
import { openPostgres } from '../store/postgres.ts';
import type { Store } from '../store/store.ts';
import { startPlatform, startRedisServer, type Platform } from 'drover/standin';
import { Closers } from './closers.ts';
import { openDatabase } from './database.ts';
import { parseProcfile } from './procfile.ts';

export const APP = 'newsletter';
const FOLDER = fileURLToPath(new URL('../..', import.meta.url));

export type LocalAppOptions = {
  /** From the creation of a dyno to the start of its process. */
  readonly bootMs: number;
  /** How long the mail server takes for an e-mail. */
  readonly mailMs: number;
  /** Further config vars of the app. */
  readonly config?: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
};

/** The app and everything around it on this machine: the processes of its Procfile are dynos of the stand-in for Heroku. */
export type LocalApp = {
  readonly platform: Platform;
  readonly sink: MailSink;
  readonly store: Store;
  readonly redisUrl: string;
  /** The address of the last dyno of a process type that serves HTTP. */
  url(processType: string): string;
  close(): Promise<void>;
};

/** Starts everything and runs the `release` process; all other process types are at 0. */
export async function startLocalApp(options: LocalAppOptions): Promise<LocalApp> {
  const closers = new Closers();
  try {
    return await open(options, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function open(
  { bootMs, mailMs, config = {}, say }: LocalAppOptions,
  closers: Closers,
): Promise<LocalApp> {
  const redis = await startRedisServer({ say });
  closers.add(async () => await redis.stop());
  const databaseUrl = await openDatabase(process.env['DATABASE_URL'], closers);
  const sink = await startMailSink(mailMs);
  closers.add(async () => await sink.close());
  const procfile = parseProcfile(await readFile(`${FOLDER}Procfile`, 'utf8'));
  const types = [...procfile.keys()].filter((type) => type !== 'release');
  const ports = new Map<string, string>();

  const platform = await startPlatform({
    apps: [{ name: APP, formation: types.map((type) => ({ type, quantity: 0 })) }],
    bootMs,
    processes: {
      spawn: ({ type, env }) => {
        ports.set(type, env['PORT'] ?? '');
        const [program = '', ...args] = procfile.get(type) ?? [];
        return spawn(program, args, {
          cwd: FOLDER,
          env: {
            ...vars,
            ...env,
            NODE_OPTIONS: `--import=${new URL('../../dist/local/end-with-parent.js', import.meta.url).href}`,
          },
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        });
      },
    },
  });
  closers.add(async () => await platform.close());
  const vars = {
    PATH: `${FOLDER}node_modules/.bin:${process.env['PATH'] ?? ''}`,
    HOST: '127.0.0.1',
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    SMTP_URL: sink.url,
    HEROKU_APP_NAME: APP,
    HEROKU_API_KEY: platform.token,
    HEROKU_API_URL: platform.url,
    ...config,
  };
  const [program = '', ...args] = procfile.get('release') ?? [];
  await promisify(execFile)(program, args, { cwd: FOLDER, env: vars });

  const store = openPostgres(databaseUrl, { timeoutMs: 120_000, connections: 1 });
  closers.add(async () => await store.close());
  return {
    platform,
    sink,
    store,
    redisUrl: redis.url,
    url: (type) => `http://127.0.0.1:${ports.get(type) ?? ''}`,
    close: async () => await closers.closeAll(),
  };
}
