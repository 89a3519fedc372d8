/** Every state that the protocol of names can reach with two pods: minutes, so the suite visits the first ones only. */
import { keyOf, START, successors, type State } from '../test/protocol/by-name-model.ts';

const WITH_ROLLOUTS = process.argv.includes('--rollouts');

const seen = new Map<string, string>([[keyOf(START), '']]);
let frontier: State[] = [START];
while (frontier.length > 0) {
  const reached: State[] = [];
  for (const state of frontier) {
    const own = keyOf(state);
    if (state.killed > 0 || state.sentWhileRolling > 0) {
      for (let key: string | undefined = own; key !== undefined && key !== ''; key = seen.get(key))
        console.log(key);
      throw new Error(`a job is cut, after ${seen.size} states; the way there is above, last state first`);
    }
    for (const next of successors(state, {}, WITH_ROLLOUTS)) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.set(key, own);
      reached.push(next);
    }
  }
  frontier = reached;
}
console.log(`${seen.size} states, in none of which a scale-down cuts a job`);
