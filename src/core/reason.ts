import type { Policy, Step } from './types.ts';

/** The decision in one sentence: what was asked for, each limit that changed it, and what follows. */
export function explain(policy: Policy, from: number, to: number, steps: readonly Step[]): string {
  const jobs = countOf(steps, 'forecast');
  const asked = `${plural(jobs, 'job')} ${jobs === 1 ? 'asks' : 'ask'} for ${plural(countOf(steps, 'sizing'), 'dyno')}`;
  const limits = steps.flatMap((step, index) => {
    const before = steps[index - 1];
    if (!before || before.count === step.count) return [];
    const words = changed(policy, step, before.count);
    return words === undefined ? [] : [words];
  });
  const verdict = to === from ? `hold at ${to}` : `${from} → ${to}`;
  return `${[asked, ...limits].join(', ')}: ${verdict}`;
}

function changed(policy: Policy, { stage, count, note }: Step, before: number): string | undefined {
  switch (stage) {
    case 'demand':
    case 'forecast':
    case 'sizing':
      return undefined;
    case 'bounds':
      return count > before ? `the minimum is ${count}` : `the maximum is ${count}`;
    case 'peak hold':
      return note ?? `${count} wanted within the last ${policy.scaleDownDelayMs / 1000} s`;
    case 'step limit':
      return `${count} is as far as one step goes`;
    case 'protection':
      return `${count} are needed by running jobs${note === undefined ? '' : ` (${note})`}`;
    default:
      return stage satisfies never;
  }
}

/** What a stage left; 0 for a stage that is not there. */
export function countOf(steps: readonly Step[], stage: Step['stage']): number {
  return steps.find((step) => step.stage === stage)?.count ?? 0;
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
