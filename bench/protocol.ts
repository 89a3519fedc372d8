/** Every state that the protocol of names can reach in larger configurations than the suite's: minutes. */
import { explore } from '../test/protocol/by-name/explore.ts';
import { START } from '../test/protocol/by-name/state.ts';

const CONFIGURATIONS = [
  { fewest: 1, failures: 1, rollouts: 0 },
  { fewest: 1, failures: 0, rollouts: 1 },
  { fewest: 0, failures: 0, rollouts: 0 },
  { fewest: 1, failures: 1, rollouts: 1 },
];

for (const configuration of CONFIGURATIONS) {
  const { states, found } = explore([{ ...START, ...configuration }]);
  const text = Object.entries(configuration)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  if (found !== undefined) {
    throw new Error(`${text}: ${found}, after ${states} states`);
  }
  console.log(`${text}: ${states} states, in none of which a scale-down cuts a job`);
}
