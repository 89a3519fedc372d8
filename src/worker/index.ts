export { cooperate, type BullWorker, type CooperateOptions, type Cooperation } from './cooperate.ts';
