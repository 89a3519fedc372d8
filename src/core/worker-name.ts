/** A worker's name in its two parts. Heroku's Fir generation does not number dynos. */
export type WorkerName = { readonly type: string; readonly ordinal: number | undefined };

const CEDAR = /^(.+)\.([1-9]\d{0,4})$/;
/** The dyno itself sees a dash before the last two parts, the platform's API lists a dot. */
const FIR = /^(.+)[-.][0-9a-z]+-[0-9a-z]{5}$/;

/** Splits `worker.3` (Cedar) and `worker-12a34b56d-e78f9` (Fir). Undefined for any other name. */
export function parseWorkerName(name: string): WorkerName | undefined {
  const cedar = CEDAR.exec(name);
  if (cedar?.[1] !== undefined) return { type: cedar[1], ordinal: Number(cedar[2]) };
  const fir = FIR.exec(name);
  return fir?.[1] === undefined ? undefined : { type: fir[1], ordinal: undefined };
}
