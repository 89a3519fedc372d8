import type { Controller } from '../controller.ts';
import { meanServiceMs, type Workload } from '../workload.ts';
import { aws } from './aws.ts';
import { guv } from './guv.ts';
import { hirefireLatency, hirefireRatio } from './hirefire.ts';
import { judoscale } from './judoscale.ts';
import { keda } from './keda.ts';
import { origin } from './origin.ts';
import type { PeerOptions } from './peer.ts';

/**
 * What a user would pick instead, each with its documented defaults, new for one run. Where a peer has to be told how
 * long a job takes, it is told the truth; where no default is documented, a dyno is taken to be good for as many jobs
 * as it can do within the wait that is allowed, and never for less than it runs at once.
 */
export function peerControllers(workload: Workload, options: PeerOptions, maxWaitMs: number): Controller[] {
  const { concurrency, jobs } = workload;
  const serviceMs = Math.max(1, meanServiceMs(jobs));
  const jobsPerDyno = Math.max(concurrency, Math.round((concurrency * maxWaitMs) / serviceMs));
  return [
    origin(),
    keda(options),
    judoscale(options, jobsPerDyno),
    hirefireRatio(options, jobsPerDyno),
    hirefireLatency(options, maxWaitMs),
    guv(options, maxWaitMs, serviceMs, concurrency),
    aws(options, maxWaitMs, serviceMs, concurrency),
  ];
}
