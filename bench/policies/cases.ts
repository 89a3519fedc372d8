import { generate, WORKLOAD_NAMES, type Job, type Workload } from '../../src/sim/index.ts';
import { FAMILY_NAMES, ofFamily } from './workloads/other-families.ts';
import { daysOf, podRows, secondsRows, swfRows, swimRows, textOf, thinned } from './workloads/recorded.ts';

/** `tuned`: policies may be tuned on them. `reported`: other families and sources, on which nothing is ever tuned. */
export type Split = 'tuned' | 'reported';

/** A workload, another one for each seed; a recorded one may have the same jobs for all, and only the boots differ. */
export type Case = {
  readonly name: string;
  readonly split: Split;
  readonly workload: (seed: number) => Workload;
};

const HOURS = 24;
/** The seeds of the generated workloads of both splits differ. */
const REPORTED_SEEDS = 1000;

/** Recorded workloads; their sources are in docs/policy.md. A dyno runs one of these jobs at once. */
const RECORDED: readonly {
  readonly name: string;
  readonly split: Split;
  readonly file: string;
  readonly jobs: (text: string, seed: number) => Job[];
}[] = [
  ...['alibaba_genai', 'azure_llm_code', 'azure_llm_conv', 'facebook_2010', 'mooncake_conversation'].map(
    (name) => ({ name, split: 'tuned' as const, file: `${name}.csv`, jobs: secondsRows }),
  ),
  ...[0, 1].map((sample) => ({
    name: `facebook_2009_${sample}`,
    split: 'reported' as const,
    file: `FB-2009_samples_24_times_1hr_${sample}.tsv`,
    jobs: (text: string) => daysOf(swimRows(text), 0, 1),
  })),
  {
    // Two days of 92, others for each seed.
    name: 'nasa_ipsc_1993',
    split: 'reported',
    file: 'NASA-iPSC-1993-3.1-cln.swf',
    jobs: (text, seed) => daysOf(swfRows(text), 9 * ((seed - 1) % 10), 2),
  },
  {
    // One job in 100 of three days in a grid of 25,000 processors.
    name: 'lcg_grid_2005',
    split: 'reported',
    file: 'LCG.swf.gz',
    jobs: (text, seed) => thinned(daysOf(swfRows(text), (seed - 1) % 9, 3), 100, seed),
  },
  {
    // Two of the last 30 days, when most of its pods were started.
    name: 'alibaba_gpu_2023',
    split: 'reported',
    file: 'openb_pod_list_default.csv',
    jobs: (text, seed) => daysOf(podRows(text), 119 + 3 * ((seed - 1) % 10), 2),
  },
];

/** All workloads that can be had here, and the files of the others. */
export function cases(): { readonly found: Case[]; readonly absent: readonly string[] } {
  const recorded = RECORDED.map(({ file, jobs, ...rest }) => {
    const text = textOf(file);
    const workload = (seed: number): Workload => recordedWorkload(rest.name, jobs(text ?? '', seed));
    return { ...rest, file, found: text !== undefined, workload };
  });
  return {
    found: [
      ...WORKLOAD_NAMES.map((name): Case => ({
        name,
        split: 'tuned',
        workload: (seed) => generate(name, seed, HOURS),
      })),
      ...FAMILY_NAMES.map((name): Case => ({
        name,
        split: 'reported',
        workload: (seed) => ofFamily(name, REPORTED_SEEDS + seed),
      })),
      ...recorded.filter(({ found }) => found),
    ],
    absent: recorded.filter(({ found }) => !found).map(({ file }) => file),
  };
}

function recordedWorkload(name: string, jobs: readonly Job[]): Workload {
  return { name, jobs, concurrency: 1, lengthMs: jobs.reduce((last, { atMs }) => Math.max(last, atMs), 0) };
}
