import { longestWaitMs, type Entry, type TypeEntry } from './entry.ts';
import { activeIn, readyIn } from './minute.ts';

/**
 * One tick as a line of `sample#` and `measure#` figures, the convention that metrics services read from Heroku's log
 * drains. Unknown figures are left out: unknown is not zero.
 */
export function samplesOf(entry: Entry, appName: string): string {
  const budget =
    entry.requestsLeft === undefined ? [] : [`sample#drover.heroku.requests_left=${entry.requestsLeft}`];
  return [
    `source=${appName}`,
    `measure#drover.tick=${Math.round(entry.tookMs)}ms`,
    ...budget,
    ...entry.types.flatMap(samplesOfType),
  ].join(' ');
}

function samplesOfType(type: TypeEntry): string[] {
  const figure = (name: string, value: number | string): string =>
    `sample#drover.${type.processType}.${name}=${value}`;
  if (type.kind === 'blind') return [figure('blind', 1)];
  return [
    figure('blind', 0),
    figure('ready', readyIn(type)),
    figure('active', activeIn(type)),
    figure('wait', `${(longestWaitMs(type.queues) / 1000).toFixed(1)}s`),
    figure('dynos', type.quantity),
    figure('wanted', type.to),
  ];
}
