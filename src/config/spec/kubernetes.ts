import * as v from 'valibot';

import { parseTarget, type Target } from '../target.ts';
import { matching, type Spec } from './kinds.ts';

export const KUBERNETES = {
  KUBERNETES_TARGET: {
    schema: v.pipe(
      v.string(),
      v.check((text) => parseTarget(text) !== undefined),
      v.transform((text) => parseTarget(text) as Target),
    ),
    allowed:
      'a resource and a name: deployment/worker, statefulset/worker, or one with a scale subresource such as rollouts.argoproj.io/worker',
    about:
      'What is scaled: deployment/worker, statefulset/worker, or any resource with a scale subresource such as rollouts.argoproj.io/worker. Unset: the Deployment named as the process type.',
    perType: true,
  },
  KUBERNETES_NAMESPACE: {
    ...matching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'a namespace: lower-case letters, digits and dashes'),
    about: "The namespace of what is scaled. Unset: that of Drover's service account.",
  },
  KUBECONFIG: {
    ...matching(/^[^:]+$/, 'the path of one file'),
    about: 'A kubeconfig file, outside a cluster. Unset: the service account of the pod.',
  },
} as const satisfies Record<string, Spec<unknown>>;
