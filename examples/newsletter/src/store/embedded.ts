import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type EmbeddedDatabase = {
  /** What to set DATABASE_URL to. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
};

/** A PostgreSQL that needs nothing installed and forgets everything when it is stopped. */
export async function startEmbeddedDatabase(): Promise<EmbeddedDatabase> {
  const program = fileURLToPath(new URL('../../dist/store/embedded-process.js', import.meta.url));
  const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const started = once(child, 'message') as Promise<[{ port: number }]>;
  const [{ port }] = await Promise.race([
    started,
    exited.then(() => {
      throw new Error('the embedded database did not start');
    }),
  ]);
  return {
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
