import { clientOf, type BullWorker } from './bullmq-worker.ts';
import { clockChannel } from './clock-channel.ts';
import { identify, isOnPlatform, type CooperateOptions } from './identity.ts';
import { shutdownTiming } from './grace-period.ts';
import { CooperatingProcess, type HeartbeatTiming } from './cooperating-process.ts';
import { closeOnSigterm, type ShutdownTiming } from './shutdown.ts';

export type { BullWorker } from './bullmq-worker.ts';
export type { CooperateOptions } from './identity.ts';

export type Cooperation = {
  /** Ends the exchange with Drover and the handling of SIGTERM. The workers continue to take jobs. Never rejects. */
  stop(): Promise<void>;
};

const HEARTBEAT: HeartbeatTiming = { heartbeatMs: 1000, firstAnswerTimeoutMs: 5000 };

/**
 * Lets Drover scale down without killing a job. Call it in the worker process right after creating its workers, once for
 * all of them, before anything is awaited. Workers that are no longer needed take no more jobs and finish the running
 * ones; they take jobs again at once when demand returns. On SIGTERM the workers are closed. If Drover or its Redis key is
 * gone, or the name of the app or of the worker is unknown, all workers take jobs.
 */
export function cooperate(
  workers: BullWorker | readonly BullWorker[],
  options: CooperateOptions = {},
): Cooperation {
  return cooperateWith(workers, options, { ...HEARTBEAT, ...shutdownTiming(options.gracePeriodSeconds) });
}

/** `cooperate` with other times. */
export function cooperateWith(
  given: BullWorker | readonly BullWorker[],
  options: CooperateOptions,
  timing: HeartbeatTiming & ShutdownTiming,
): Cooperation {
  const workers = [given].flat();
  const identity = identify(options, process.env);
  const [first] = workers;
  let cooperating: CooperatingProcess | undefined;
  if (identity !== undefined && first !== undefined) {
    const openChannel = async () => clockChannel(options.connection ?? (await clientOf(first)), identity);
    cooperating = new CooperatingProcess(workers, identity, openChannel, timing);
  } else if (isOnPlatform(process.env)) {
    process.emitWarning(
      'drover: the name of the app is unknown, so workers are only closed on SIGTERM. On Heroku, set HEROKU_APP_NAME (heroku labs:enable runtime-dyno-metadata); on Kubernetes, KUBERNETES_NAMESPACE; or pass { app }.',
    );
  }
  const undo = closeOnSigterm(workers, async () => await cooperating?.stop(false), timing);
  return {
    stop: async () => {
      undo();
      await cooperating?.stop(true);
    },
  };
}
