import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A command as it was typed, and what it did. */
export type Typed = {
  readonly command: string;
  /** stdout and stderr in one text. */
  readonly output: string;
  /** Since the start of the hour. */
  readonly atMs: number;
  readonly tookMs: number;
};

/** Longer than a stand-in takes to end its dynos. */
const END_MS = 5_000;

type Place = { readonly folder: string; readonly env: Readonly<Record<string, string>> };

/** Runs commands one after another in a shell in `folder`, and records them. */
export class Terminal {
  readonly #place: Place;
  readonly #exported: Record<string, string> = {};
  readonly #startedAt = performance.now();
  readonly #running = new Set<ChildProcess>();

  constructor(place: Place) {
    this.#place = place;
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** As `export` in the shell: for the commands from here on. */
  export(variables: Readonly<Record<string, string>>): void {
    Object.assign(this.#exported, variables);
  }

  /** `ctrlCAfterMs`: Ctrl-C after this time. Throws where the exit code is not 0. */
  async type(command: string, { ctrlCAfterMs }: { readonly ctrlCAfterMs?: number } = {}): Promise<Typed> {
    const atMs = this.elapsedMs;
    const child = this.#spawn(command);
    const output = textOf(child);
    const ctrlC =
      ctrlCAfterMs === undefined ? undefined : setTimeout(() => signal(child, 'SIGINT'), ctrlCAfterMs);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(ctrlC);
    // The shell around a command that got Ctrl-C ends by the signal itself.
    if (code !== 0 && ctrlC === undefined) throw new Error(`${command} ended with ${code}:\n${output()}`);
    return { command, output: output(), atMs, tookMs: this.elapsedMs - atMs };
  }

  /** A second terminal: the command runs until `close`. Returns what it has printed. */
  start(command: string): () => string {
    return textOf(this.#spawn(command));
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#running, ended));
  }

  #spawn(command: string): ChildProcess {
    const { folder, env } = this.#place;
    const child = spawn('sh', ['-c', command], {
      cwd: folder,
      env: { ...env, ...this.#exported },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, as each command has in a terminal: Ctrl-C reaches all of it.
      detached: true,
    });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return child;
  }
}

function textOf(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  signal(child, 'SIGTERM');
  const kill = setTimeout(() => signal(child, 'SIGKILL'), END_MS);
  await closed;
  clearTimeout(kill);
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended.
  }
}
