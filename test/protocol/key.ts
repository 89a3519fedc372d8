import type { StoredDrainRequest } from '../../src/worker/keys.ts';
import type { State } from './model.ts';

/** The same for states that differ only in the names of their epochs. */
export function keyOf(state: State): string {
  const names: string[] = [];
  const name = (epoch: string | null | undefined): string => {
    if (epoch === null || epoch === undefined) return '-';
    const known = names.indexOf(epoch);
    return String(known >= 0 ? known : names.push(epoch) - 1);
  };
  const order = (made: StoredDrainRequest | null): string =>
    made === null ? '' : `${name(made.epoch)}/${made.limit}`;
  const { quantity, waiting, dynos, said, plan, killed } = state;
  return [
    `${quantity}${waiting}${killed}`,
    order(state.order),
    ...dynos.map((dyno) =>
      dyno === null
        ? ''
        : [dyno.up, dyno.stopping, dyno.paused, dyno.fetching, dyno.busy].map(Number).join('') +
          order(dyno.knows),
    ),
    ...said.map((word) => (word === null ? '' : name(word.resting))),
    plan === null ? '' : `${plan.from}${plan.to}${plan.written}${name(plan.read)}`,
    plan === null ? '' : `${plan.step.kind}${'limit' in plan.step ? plan.step.limit : ''}`,
  ].join();
}
