/** What a worker's name says of it. */
export type ParsedName = {
  /** The process type on Heroku; the workload (Deployment, StatefulSet, …) on Kubernetes. */
  readonly owner: string;
  /** Its place by number, 1 for the first; absent where names have no numbers. */
  readonly ordinal: number | undefined;
};

const CEDAR = /^(.+)\.([1-9]\d{0,4})$/;
/** A StatefulSet counts from 0. Fewer digits than the end of a Deployment's names has characters. */
const STATEFUL_SET = /^(.+)-(0|[1-9]\d{0,3})$/;
/**
 * A Deployment's pod: the hash of its ReplicaSet, and five characters. So are Heroku's Fir dynos named; its API lists
 * them with a dot before these.
 */
const DEPLOYMENT = /^(.+)[-.][0-9a-z]+-[0-9a-z]{5}$/;

/**
 * `worker.3` (Heroku's Cedar), `worker-12a34b56d-e78f9` (its Fir, and a Deployment) and `worker-2` (the third of a
 * StatefulSet). Undefined for any other name.
 */
export function parseWorkerName(name: string): ParsedName | undefined {
  const cedar = CEDAR.exec(name);
  if (cedar?.[1] !== undefined) return { owner: cedar[1], ordinal: Number(cedar[2]) };
  const set = STATEFUL_SET.exec(name);
  if (set?.[1] !== undefined) return { owner: set[1], ordinal: Number(set[2]) + 1 };
  const owner = DEPLOYMENT.exec(name)?.[1];
  return owner === undefined ? undefined : { owner, ordinal: undefined };
}
