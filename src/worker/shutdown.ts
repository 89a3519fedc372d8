import { setTimeout as delay } from 'node:timers/promises';

import type { BullWorker } from './bullmq-worker.ts';
import { HandBack } from './hand-back.ts';

export type ShutdownTiming = {
  /** From SIGTERM until jobs that still run are returned to the queue. */
  readonly closeTimeoutMs: number;
  /** Delay of the returned jobs: longer than the platform waits before SIGKILL. */
  readonly handBackDelayMs: number;
};

/** What SIGTERM closes, over all calls of `cooperate` in this process. */
const shutdowns = new Set<() => Promise<void>>();
let shuttingDown: Promise<void> | undefined;
/** The user has a handler of the signal, so the user's code ends the process. */
let otherHandlerRan = false;
/** A handler of the signal was removed in the current turn of the event loop. */
let justRemoved = false;

/**
 * On SIGTERM closes the workers, which finish their running jobs, and returns to the queue what they cannot finish in
 * time. BullMQ itself installs no handler. The user's handlers still run; if there are any, they end the process.
 * Returns a function that undoes this.
 */
export function closeOnSigterm(
  workers: readonly BullWorker[],
  beforeClosing: () => Promise<void>,
  timing: ShutdownTiming,
): () => void {
  const handBacks = workers.map((worker) => new HandBack(worker));
  const shutDown = async (): Promise<void> => {
    const timeout = new AbortController();
    const late = delay(timing.closeTimeoutMs, 'late' as const, { signal: timeout.signal, ref: true });
    // Not awaited: without Redis it would delay the closing.
    void beforeClosing();
    const closed = Promise.allSettled(workers.map(async (worker) => await worker.close()));
    const outcome = await Promise.race([closed, late.catch(() => 'closed' as const)]);
    timeout.abort();
    if (outcome !== 'late') return;
    const handedBack = Promise.all(
      handBacks.map(async (handBack) => await handBack.handBack(timing.handBackDelayMs)),
    );
    await Promise.race([handedBack, delay(HAND_BACK_MS)]);
  };
  if (shutdowns.size === 0) {
    process.on('SIGTERM', onSigterm);
    process.on('removeListener', onRemoved);
  }
  shutdowns.add(shutDown);
  return () => {
    for (const handBack of handBacks) handBack.stop();
    shutdowns.delete(shutDown);
    if (shutdowns.size > 0) return;
    process.off('SIGTERM', onSigterm);
    process.off('removeListener', onRemoved);
  };
}

/** How long Redis may take to store the returned jobs. */
const HAND_BACK_MS = 2000;

/** A handler registered by `once` is removed as it runs: one that ran before ours is noticed only here. */
function onRemoved(event: string | symbol, listener: unknown): void {
  if (event !== 'SIGTERM' || listener === onSigterm) return;
  justRemoved = true;
  // All handlers of one signal run before any microtask.
  queueMicrotask(() => {
    justRemoved = false;
  });
}

function othersListen(): boolean {
  return process.listeners('SIGTERM').some((listener) => listener !== onSigterm);
}

function onSigterm(): void {
  // Checked now: by the end of the shutdown every handler registered by `once` is gone.
  otherHandlerRan ||= justRemoved || othersListen();
  // The platform may send it more than once.
  shuttingDown ??= shutDownAll();
}

async function shutDownAll(): Promise<void> {
  await Promise.all([...shutdowns].map(async (shutDown) => await shutDown()));
  // Without our handler the signal would have ended the process. A handler of the user decides for itself.
  if (!otherHandlerRan && !othersListen()) process.exit(0);
}
