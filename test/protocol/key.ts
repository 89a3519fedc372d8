import type { StoredDrainRequest } from '../../src/worker/keys.ts';
import type { State } from './model.ts';
import { epochNumbers } from './shared.ts';

/** Equal for states that differ only in the names of their epochs. */
export function keyOf(state: State): string {
  const name = epochNumbers();
  const request = (made: StoredDrainRequest | null): string =>
    made === null ? '' : `${name(made.epoch)}/${made.limit}`;
  const { quantity, waiting, dynos, reports, tick, killed } = state;
  return [
    `${quantity}${waiting}${killed}`,
    request(state.request),
    ...dynos.map((dyno) =>
      dyno === null
        ? ''
        : [dyno.up, dyno.stopping, dyno.paused, dyno.fetching, dyno.busy].map(Number).join('') +
          request(dyno.request),
    ),
    ...reports.map((report) => (report === null ? '' : name(report.resting))),
    tick === null ? '' : `${tick.from}${tick.to}${tick.written}${name(tick.readEpoch)}`,
    tick === null ? '' : `${tick.step.kind}${'limit' in tick.step ? tick.step.limit : ''}`,
  ].join();
}
