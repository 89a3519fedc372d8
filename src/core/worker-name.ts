/** A dyno's name in its two parts. Fir numbers no dynos. */
export type WorkerName = { readonly type: string; readonly ordinal: number | undefined };

const CEDAR = /^(.+)\.([1-9]\d{0,4})$/;
/** With a dash before the two words in the dyno itself, with a dot in the platform's own listing. */
const FIR = /^(.+)[-.][0-9a-z]+-[0-9a-z]{5}$/;

/** Splits `worker.3` (Cedar) and `worker-12a34b56d-e78f9` (Fir). Undefined for what is no dyno's name. */
export function parseWorkerName(name: string): WorkerName | undefined {
  const cedar = CEDAR.exec(name);
  if (cedar?.[1] !== undefined) return { type: cedar[1], ordinal: Number(cedar[2]) };
  const fir = FIR.exec(name);
  return fir?.[1] === undefined ? undefined : { type: fir[1], ordinal: undefined };
}
