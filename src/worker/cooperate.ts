import { clientOf, type BullWorker } from './bullmq-worker.ts';
import { clockChannel } from './clock-channel.ts';
import { identify, type CooperateOptions } from './identity.ts';
import { CooperatingProcess, type HeartbeatTiming } from './cooperating-process.ts';
import { closeOnSigterm, type ShutdownTiming } from './shutdown.ts';

export type { BullWorker } from './bullmq-worker.ts';
export type { CooperateOptions } from './identity.ts';

export type Cooperation = {
  /** Drover is heard no more and the workers work on; SIGTERM is the user's again. Never rejects. */
  stop(): Promise<void>;
};

/** Heroku sends SIGKILL 30 s after SIGTERM. */
const TIMING: HeartbeatTiming & ShutdownTiming = {
  heartbeatMs: 1000,
  firstAnswerTimeoutMs: 5000,
  closeTimeoutMs: 27_000,
  handBackDelayMs: 10_000,
};

/**
 * Lets Drover scale down without killing a job. To be called in the worker process right after its workers are made,
 * once for all of them, before any job is awaited. A dyno that Drover wants to remove takes no more jobs and finishes
 * those it has; it is back at work at once when demand returns. On SIGTERM the workers are closed. Where Drover or its
 * Redis key is gone, or the app's or the dyno's name is not known, every worker works.
 */
export function cooperate(
  workers: BullWorker | readonly BullWorker[],
  options: CooperateOptions = {},
): Cooperation {
  return cooperateWith(workers, options, TIMING);
}

/** With other times: for a platform whose own are other ones. */
export function cooperateWith(
  given: BullWorker | readonly BullWorker[],
  options: CooperateOptions,
  timing: HeartbeatTiming & ShutdownTiming,
): Cooperation {
  const workers = [given].flat();
  const identity = identify(options, process.env);
  const [first] = workers;
  let member: CooperatingProcess | undefined;
  if (identity !== undefined && first !== undefined) {
    const openLine = async () => clockChannel(options.connection ?? (await clientOf(first)), identity);
    member = new CooperatingProcess(workers, identity, openLine, timing);
  } else if (process.env['DYNO'] !== undefined) {
    process.emitWarning(
      'drover: the app is not known, so workers are only closed on SIGTERM. Set HEROKU_APP_NAME (heroku labs:enable runtime-dyno-metadata) or pass { app }.',
    );
  }
  const undo = closeOnSigterm(workers, async () => await member?.stop(false), timing);
  return {
    stop: async () => {
      undo();
      await member?.stop(true);
    },
  };
}
