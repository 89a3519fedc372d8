import * as v from 'valibot';

import { PLATFORMS } from '../settings.ts';
import type { Spec } from './kinds.ts';

export const PLATFORM = {
  PLATFORM: {
    schema: v.pipe(v.string(), v.picklist(PLATFORMS)),
    allowed: `one of ${PLATFORMS.join(', ')}`,
    about:
      'Where the workers run: heroku, kubernetes, or keda (on Kubernetes, where KEDA sets the replicas by what Drover publishes). The block of the other platform is not read.',
    default: 'heroku',
  },
} as const satisfies Record<string, Spec<unknown>>;
