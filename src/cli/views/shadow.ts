import type { TypeSummary } from '../../journal/summary.ts';
import type { ShadowComparison, Simulated } from '../report/shadow.ts';
import { span, usd } from './figures.ts';
import { escapeHtml, htmlTable } from './html.ts';
import { table } from './table.ts';
import { folded } from './wrap.ts';

/** What a shadow compares: the platform's quantities with Drover's. In 80 columns. */
export function shadowLines(type: TypeSummary, comparison: ShadowComparison, noun: string): string[] {
  const { sentence, head, rows, notes } = textsOf(type, comparison, noun);
  const shown = [head, ...rows].map(([name = '', ...cells]) => [`  ${name}`, ...cells, '']);
  return [...folded(`  ${sentence}`), ...table(shown), ...notes.flatMap((note) => folded(`  ${note}`))];
}

/** The same as a part of a page. */
export function shadowHtml(type: TypeSummary, comparison: ShadowComparison, noun: string): string {
  const { sentence, head, rows, notes } = textsOf(type, comparison, noun);
  const soft = notes.map((note) => `<p class="soft">${escapeHtml(note)}</p>`);
  return [`<p>${escapeHtml(sentence)}</p>`, htmlTable(head, rows), ...soft].join('\n');
}

export const SHADOW_NOTES = [
  "Shadow: nothing was changed. Service times are exponential around each queue's mean, and arrivals are known by the minute, so a wait under a minute is rough; removed and retried jobs count as done once. To start scaling, remove DRY_RUN from Drover's settings.",
];

type Texts = {
  readonly sentence: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
};

function textsOf(
  { actual, waitMs }: TypeSummary,
  { asItWas, withDrover }: ShadowComparison,
  noun: string,
): Texts {
  const recorded = (actual?.dynoHours ?? asItWas.dynoHours).toFixed(1);
  const cost = actual?.costUsd === undefined ? '' : ` (${usd(actual.costUsd)})`;
  const measured =
    waitMs === undefined
      ? ''
      : ` The measured wait of the oldest job was ${span(waitMs.p95)}, p95 over the minutes.`;
  return {
    sentence: `The actual quantities took ${recorded} ${noun}-hours${cost}; Drover would have taken ${withDrover.dynoHours.toFixed(1)}, with a p95 wait of ${span(withDrover.p95WaitMs)} instead of ${span(asItWas.p95WaitMs)}.`,
    head: ['simulated', `${noun}-hours`, 'p95 wait', 'late'],
    rows: [row('actual quantities', asItWas), row('with Drover', withDrover)],
    notes: [
      `Both rows are simulated with the recorded jobs. As far as the first differs from what was recorded (${recorded} ${noun}-hours), the second may be wrong too.${measured}`,
      '"Drover (shadow)" below adds up what Drover decided on the actual backlog, which the actual quantities served.',
    ],
  };
}

function row(name: string, { dynoHours, p95WaitMs, late }: Simulated): string[] {
  return [name, dynoHours.toFixed(1), span(p95WaitMs), `${(100 * late).toFixed(1)} %`];
}
