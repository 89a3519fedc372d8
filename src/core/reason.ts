import type { Decision, Policy, Reserve, Step } from './types.ts';
import { counted, seconds, workersText } from './words.ts';

/** The jobs that a decision is about and those that run, in words which of them have not come yet, and what is kept although none needs it. */
export type Work = {
  readonly jobs: number;
  readonly running: number;
  readonly expected?: string | undefined;
  readonly reserved?: Reserve | undefined;
};

/** The decision in one sentence: what the jobs need, each limit that changed it, and the result. */
export function explain(
  policy: Policy,
  decision: Omit<Decision, 'reason' | 'steps'>,
  { jobs, running, expected, reserved }: Work,
  steps: readonly Step[],
): string {
  const { from, to, needed } = decision;
  const some = expected === undefined ? '' : `, of them ${expected}`;
  const byJobs = needed - (reserved?.workers ?? 0);
  // By the wait rule, running jobs need their workers even when none waits.
  const [count, noun] = jobs === 0 && byJobs > 0 ? [running, 'running job'] : [jobs, 'job'];
  const need = `${counted(count, noun)} ${count === 1 ? 'needs' : 'need'} ${workersText(policy, byJobs)}${some}`;
  const limits = steps.flatMap((step, index) => {
    const before = steps[index - 1];
    if (!before || before.count === step.count) return [];
    const text = limitText(policy, step, before.count);
    return text === undefined ? [] : [text];
  });
  const result = to === from ? `stay at ${to}` : `${from} → ${to}`;
  return `${[need, ...reserveText(reserved), ...limits].join('; ')}: ${result}`;
}

function reserveText(reserved: Reserve | undefined): string[] {
  if (reserved?.maxWaitMs === undefined) return [];
  return [`${reserved.workers} more kept ready for waits of ${seconds(reserved.maxWaitMs)}`];
}

function limitText(policy: Policy, { stage, count, note }: Step, before: number): string | undefined {
  switch (stage) {
    case 'demand':
    case 'forecast':
    case 'sizing':
      return undefined;
    case 'bounds':
      return count > before ? `raised to the minimum of ${count}` : `capped at the maximum of ${count}`;
    case 'peak hold':
      // The peak that a clock starts with has no age.
      if (note === undefined && policy.scaleDownDelayMs === 0) return `${count} kept until the next tick`;
      return note ?? `${count} needed within the last ${seconds(policy.scaleDownDelayMs)}`;
    case 'step limit':
      return `limited to ${count} by the maximum step`;
    case 'protection':
      return `${count} kept for running jobs${note === undefined ? '' : ` (${note})`}`;
    default:
      return stage satisfies never;
  }
}
