import type { PlatformWords } from '../../core/platform.ts';

export const KUBERNETES: PlatformWords = { name: 'Kubernetes', noun: 'pod', nameVariable: 'HOSTNAME' };
