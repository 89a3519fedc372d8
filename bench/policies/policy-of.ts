import { policyFrom, type SimulatedPolicy } from '../../src/cli/simulate/policy.ts';

/** What Drover does with these set, and all else as documented. */
export async function policyOf(
  bounds: { readonly min: number; readonly max: number },
  concurrency: number,
  maxWaitMs: number,
): Promise<SimulatedPolicy> {
  return policyFrom(
    {},
    {
      min: String(bounds.min),
      max: String(bounds.max),
      concurrency: String(concurrency),
      maxWait: String(maxWaitMs / 1000),
    },
  );
}
