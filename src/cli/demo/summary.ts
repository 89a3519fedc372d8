import { number, span } from '../views/figures.ts';

/** What happened in a demo, counted at its end. */
export type DemoResult = {
  readonly lengthMs: number;
  readonly peakBacklog: number;
  /** What the platform calls one worker. */
  readonly noun: string;
  readonly workers: { readonly least: number; readonly most: number };
  readonly added: number;
  readonly done: number;
  readonly failed: number;
  /** Not started when the demo ended. */
  readonly waiting: number;
  readonly startedTwice: number;
  readonly kills: number;
  /** `drainMs`: from the first job added to the last one done; absent: not all done when the demo ended. */
  readonly bursts: readonly { readonly jobs: number; readonly drainMs: number | undefined }[];
  readonly workerSeconds: number;
  readonly max: number;
};

/** Jobs that are neither done, nor failed, nor still in a queue. */
export function lostJobs({ added, done, failed, waiting }: DemoResult): number {
  return added - done - failed - waiting;
}

export function demoSummary(result: DemoResult): string {
  const { noun, workers, workerSeconds } = result;
  const fixed = (result.max * result.lengthMs) / 1000;
  const saved = Math.round((1 - workerSeconds / fixed) * 100);
  const bursts = result.bursts.map(
    ({ jobs, drainMs }) =>
      `${number(jobs)} e-mails ${drainMs === undefined ? 'not all delivered at the end' : `delivered in ${span(drainMs)}`}`,
  );
  return [
    `Result after ${span(result.lengthMs)}`,
    `  peak backlog  ${number(result.peakBacklog)} jobs`,
    `  ${`${noun}s`.padEnd(14)}${workers.least} to ${workers.most}`,
    `  jobs done     ${number(result.done)} of ${number(result.added)} added, ${number(result.waiting)} still waiting, ${number(result.failed)} failed`,
    `  jobs lost     ${number(lostJobs(result))} (${number(result.startedTwice)} started twice, ${number(result.kills)} ${noun}s killed)`,
    ...(bursts.length > 0 ? [`  bursts        ${bursts.join('; ')}`] : []),
    `  ${`${noun} time`.padEnd(14)}${number(Math.round(workerSeconds))} ${noun}-seconds, ${saved} % less than ${result.max} ${noun}s running all the time`,
  ].join('\n');
}
