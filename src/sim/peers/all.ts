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
 * The alternatives to Drover with their documented defaults, for one run. A peer that needs the service time gets the
 * true one. Where no default is documented, one dyno counts for as many jobs as it finishes within the allowed wait, but
 * at least for as many as it runs at once.
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
