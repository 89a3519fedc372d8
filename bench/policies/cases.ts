import { existsSync, readFileSync } from 'node:fs';

import { generate, parseTrace, WORKLOAD_NAMES, type Workload } from '../../src/sim/index.ts';

const TRACES = new URL('../../../shared/traces/', import.meta.url);
const TRACE_NAMES = [
  'alibaba_genai',
  'azure_llm_code',
  'azure_llm_conv',
  'facebook_2010',
  'mooncake_conversation',
] as const;

const SEED = 1;
const HOURS = 24;

/** Every generated workload, and the recorded ones whose files exist. A dyno runs one job of a trace at once. */
export function cases(): Workload[] {
  const generated = WORKLOAD_NAMES.map((name) => generate(name, SEED, HOURS));
  const traces = TRACE_NAMES.flatMap((name) => {
    const file = new URL(`${name}.csv`, TRACES);
    if (!existsSync(file)) return [];
    const jobs = parseTrace(readFileSync(file, 'utf8'));
    return [
      { name, jobs, concurrency: 1, lengthMs: jobs.reduce((last, { atMs }) => Math.max(last, atMs), 0) },
    ];
  });
  return [...generated, ...traces];
}
