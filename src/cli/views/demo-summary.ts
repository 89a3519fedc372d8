import { number, span } from './table.ts';

/** What happened in a demo, counted at its end. */
export type DemoResult = {
  readonly lengthMs: number;
  readonly peakBacklog: number;
  readonly dynos: { readonly least: number; readonly most: number };
  readonly added: number;
  readonly done: number;
  readonly failed: number;
  /** Not begun when the demo ended. */
  readonly waiting: number;
  readonly begunTwice: number;
  readonly kills: number;
  /** Size and time from the first job added to the last one done; absent time: not all of it by the end. */
  readonly bursts: readonly { readonly jobs: number; readonly drainMs: number | undefined }[];
  readonly dynoSeconds: number;
  readonly max: number;
};

/** Jobs that nobody will ever finish: neither done nor failed, and no longer anywhere to be taken. */
export function lostJobs({ added, done, failed, waiting }: DemoResult): number {
  return added - done - failed - waiting;
}

export function demoSummary(result: DemoResult): string {
  const fixed = (result.max * result.lengthMs) / 1000;
  const saved = Math.round((1 - result.dynoSeconds / fixed) * 100);
  const bursts = result.bursts.map(
    ({ jobs, drainMs }) =>
      `${number(jobs)} e-mails ${drainMs === undefined ? 'not delivered by the end' : `delivered in ${span(drainMs)}`}`,
  );
  return [
    `What happened in ${span(result.lengthMs)}`,
    `  peak backlog  ${number(result.peakBacklog)} jobs`,
    `  dynos         ${result.dynos.least} to ${result.dynos.most}`,
    `  jobs done     ${number(result.done)} of ${number(result.added)} added, ${number(result.waiting)} still waiting, ${number(result.failed)} failed`,
    `  jobs lost     ${number(lostJobs(result))} (${number(result.begunTwice)} begun twice, ${number(result.kills)} dynos killed)`,
    ...(bursts.length > 0 ? [`  bursts        ${bursts.join('; ')}`] : []),
    `  dyno time     ${number(Math.round(result.dynoSeconds))} dyno-seconds, ${saved} % less than ${result.max} dynos all the time`,
  ].join('\n');
}
