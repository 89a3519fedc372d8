import { h } from './dom.js';
import { brief } from './format.js';

/** Stages that count jobs; all others count workers. */
const COUNTS_JOBS = new Set(['demand', 'forecast']);

/** The last decision: the hold, the reason, and each step with the one marked that determined the result. */
export function decision({ hold, reason, steps }, noun) {
  const bound = steps.findLastIndex((step, index) => {
    const before = steps[index - 1];
    return before && !COUNTS_JOBS.has(before.stage) && before.count !== step.count;
  });
  return [
    ...(hold ? [h('p', { class: 'held' }, h('strong', {}, 'Hold: '), hold.words)] : []),
    h('p', { class: 'reason' }, reason),
    h(
      'ol',
      { class: 'steps' },
      steps.map((step, index) => stepItem(step, index === bound, noun)),
    ),
  ];
}

function stepItem({ stage, count, note }, isBound, noun) {
  const unit = `${COUNTS_JOBS.has(stage) ? 'job' : noun}${count === 1 ? '' : 's'}`;
  return h(
    'li',
    { class: isBound ? 'bound' : undefined },
    h('span', { class: 'stage' }, stage),
    h('span', { class: 'number' }, brief(count), ' ', h('small', {}, unit)),
    isBound ? h('span', { class: 'hidden' }, '(determined the result)') : undefined,
    note ? h('span', { class: 'note' }, note) : undefined,
  );
}
