import type { PlatformWords } from '../../core/platform.ts';

export const KUBERNETES: PlatformWords = { name: 'Kubernetes', noun: 'pod', nameVariable: 'HOSTNAME' };

/** Kubernetes, where KEDA sets the replicas. */
export const KEDA: PlatformWords = { ...KUBERNETES, name: 'KEDA' };
