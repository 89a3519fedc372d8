/** The simulator. Everything outside this folder imports from here. */
export { bootsAround, type BootModel } from './boots.ts';
export { compare } from './compare.ts';
export { EPOCH_MS, type Controller } from './controller.ts';
export { droverController } from './drover-controller.ts';
export { randomFrom } from './random.ts';
export { recordedController } from './recorded-controller.ts';
export { processTypesIn, recordedWorkload, type RecordedWorkload } from './recorded-workload.ts';
export { simulate, type SimulationRun } from './simulate.ts';
export { PROCESS_TYPE, type WorkerKind } from './simulation-ports.ts';
export { LATE_ALLOWED } from './smallest-fixed.ts';
export { parseTrace, TraceError } from './trace.ts';
export type { Job, Workload } from './workload.ts';
export { generate, WORKLOAD_NAMES } from './workloads/generate.ts';
