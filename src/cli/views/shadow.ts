import type { TypeSummary } from '../../journal/summary.ts';
import type { ShadowComparison } from '../report/shadow.ts';
import { span, usd } from './figures.ts';
import { table } from './table.ts';
import { folded } from './wrap.ts';

/** What a shadow compares: the platform's quantities with Drover's. In 80 columns. */
export function shadowLines(
  type: TypeSummary,
  { asItWas, withDrover }: ShadowComparison,
  noun: string,
): string[] {
  const { actual, waitMs } = type;
  if (actual === undefined) return [];
  const row = (name: string, dynoHours: number, p95WaitMs: number, late: number): string[] => [
    `  ${name}`,
    dynoHours.toFixed(1),
    span(p95WaitMs),
    `${(100 * late).toFixed(1)} %`,
    '',
  ];
  const cost = actual.costUsd === undefined ? '' : `, ${usd(actual.costUsd)}`;
  const measured =
    waitMs === undefined
      ? ''
      : ` Measured as it was: ${span(waitMs.p95)} for the oldest job, p95 over the minutes.`;
  return [
    ...folded(
      `  In ${noun}-hours: ${actual.dynoHours.toFixed(1)} as it was${cost}, ${withDrover.dynoHours.toFixed(1)} with Drover; p95 wait ${span(withDrover.p95WaitMs)} in place of ${span(asItWas.p95WaitMs)}.`,
    ),
    ...table([
      ['  simulated', `${noun}-hours`, 'p95 wait', 'late', ''],
      row('as it was', asItWas.dynoHours, asItWas.p95WaitMs, asItWas.late),
      row('with Drover', withDrover.dynoHours, withDrover.p95WaitMs, withDrover.late),
    ]),
    ...folded(
      `  Both are simulated on the recorded jobs; how far the first row is from what was recorded (${actual.dynoHours.toFixed(1)} ${noun}-hours) shows how far the second may be off.${measured}`,
    ),
    ...folded(
      `  On the actual backlog, which the quantities as they were have served, Drover decided on ${type.dynoHours.toFixed(1)} ${noun}-hours.`,
    ),
  ];
}

export const SHADOW_NOTES = [
  "Shadow: nothing was changed. Service times are exponential around each queue's mean, and arrivals are known by the minute, so a wait under a minute is rough; removed and retried jobs count as done once. To start scaling, remove DRY_RUN from Drover's settings.",
];
