import { setTimeout as delay } from 'node:timers/promises';

import type { BullWorker } from './bullmq-worker.ts';
import { HandBack } from './hand-back.ts';

export type ShutdownTiming = {
  /** From SIGTERM to the moment when what still runs is handed back. */
  readonly closeTimeoutMs: number;
  /** From then until it may be taken again: past the platform's SIGKILL. */
  readonly handBackDelayMs: number;
};

/** What has to be closed on SIGTERM, over all calls of `cooperate` in this process. */
const departures = new Set<() => Promise<void>>();
let leaving: Promise<void> | undefined;
/** The signal reached a handler besides ours, so ending the process is not up to us. */
let heardByOthers = false;
/** A handler of the signal was removed in the present turn of the event loop. */
let justRemoved = false;

/**
 * On SIGTERM closes the workers, which finish what they run, and hands back what they cannot finish in time. BullMQ
 * installs no handler of its own. The user's handlers run as they would, and where there are any it is theirs to end
 * the process. Returns how to undo it.
 */
export function closeOnSigterm(
  workers: readonly BullWorker[],
  beforeClosing: () => Promise<void>,
  timing: ShutdownTiming,
): () => void {
  const handBacks = workers.map((worker) => new HandBack(worker));
  const depart = async (): Promise<void> => {
    const tooLate = new AbortController();
    const late = delay(timing.closeTimeoutMs, 'late' as const, { signal: tooLate.signal, ref: true });
    // Not awaited: with Redis out of reach the goodbye would wait, and the closing must not.
    void beforeClosing();
    const closed = Promise.allSettled(workers.map(async (worker) => await worker.close()));
    const outcome = await Promise.race([closed, late.catch(() => 'closed' as const)]);
    tooLate.abort();
    if (outcome !== 'late') return;
    const handedBack = Promise.all(
      handBacks.map(async (handBack) => await handBack.handBack(timing.handBackDelayMs)),
    );
    await Promise.race([handedBack, delay(HAND_BACK_MS)]);
  };
  if (departures.size === 0) {
    process.on('SIGTERM', onSigterm);
    process.on('removeListener', onRemoved);
  }
  departures.add(depart);
  return () => {
    for (const handBack of handBacks) handBack.stop();
    departures.delete(depart);
    if (departures.size > 0) return;
    process.off('SIGTERM', onSigterm);
    process.off('removeListener', onRemoved);
  };
}

/** How long Redis may take over what is handed back. */
const HAND_BACK_MS = 2000;

/** A handler registered by `once` is removed as it runs: where it stands before ours, only this tells of it. */
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
  // Asked now: by the end of the shutdown every handler registered by `once` is gone.
  heardByOthers ||= justRemoved || othersListen();
  // The platform may send it more than once.
  leaving ??= leave();
}

async function leave(): Promise<void> {
  await Promise.all([...departures].map(async (depart) => await depart()));
  // Without a handler of ours the signal would have ended the process; with one of the user's, theirs decides.
  if (!heardByOthers && !othersListen()) process.exit(0);
}
