/**
 * `drover/standin`: local stand-ins for Heroku's Platform API and for the API server of Kubernetes, for tests and examples.
 * Start one with `startPlatform` or `startKubernetes`, and look at its dynos or pods and its `requests`.
 */
export { startPlatform, type Platform, type PlatformDyno, type PlatformOptions } from './platform.ts';
export type { PlatformLogEntry } from './request-log.ts';
export type { AppSpec } from './app.ts';
export type { DynoState, SpawnDyno } from './dyno.ts';
export type { Fault, Intercept, PlatformRequest } from './fault.ts';
export { startKubernetes } from './kubernetes/kubernetes.ts';
export type { Kubernetes, KubernetesOptions, KubernetesPod } from './kubernetes/contract.ts';
export type { Manifest, WorkloadSpec } from './kubernetes/manifest.ts';
export type { PolicyRule } from './kubernetes/access.ts';
export type { SpawnPod } from './kubernetes/container.ts';
export type { Stopped, StoppedProcess, StopReason } from './stopped.ts';
export type { ResourceType } from './kubernetes/resource-types.ts';
export { startRedisServer, type RedisServer } from './redis-server.ts';
export { NoRedisError } from './redis-binary.ts';
export { DYNO_SIZES, type DynoSize } from '../heroku-sizes.ts';
