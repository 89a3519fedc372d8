import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A process that outlives this one for a moment. However this process ends, by SIGKILL or a closed terminal too, it kills
 * the process that it watches and removes a folder.
 */
export type Watchdog = {
  /** The process to kill; undefined once it has ended, as another process may get its pid. */
  watch(pid: number | undefined): void;
  /** Kills the process if it still runs, and removes the folder. Can be called again. */
  end(): Promise<void>;
};

/** Reads pids until this process closes the pipe, by ending or on purpose. A shell takes a fraction of Node's memory. */
const SCRIPT = `while read -r line; do pid=$line; done
[ -z "$pid" ] || kill -9 "$pid"
rm -rf "$1"`;

/** `folder` is removed with everything in it. */
export function startWatchdog(folder: string): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'watchdog', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a session of its own, as Ctrl-C and a closed terminal would end it with this process.
    detached: true,
  });
  const ended = once(shell, 'exit');
  // Without a reader `ended` says enough.
  shell.stdin.on('error', () => {});
  return {
    watch(pid) {
      if (shell.stdin.writable) shell.stdin.write(`${pid ?? ''}\n`);
    },
    async end() {
      shell.stdin.end();
      await ended;
    },
  };
}
