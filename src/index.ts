export { decide } from './core/decide.ts';
export { initialMemory, type Memory } from './core/memory.ts';
export type { Decision, Observation, Policy, QueueObservation, Sizing, Stage, Step } from './core/types.ts';
