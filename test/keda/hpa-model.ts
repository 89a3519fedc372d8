/*
 * A HorizontalPodAutoscaler with one external metric of type AverageValue, as it is documented
 * (kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale, "Algorithm details", "Configurable scaling
 * behavior" and "Default behavior"; autoscaling/v2 HPAScalingRules), and KEDA's part around it
 * (keda.sh/docs, "Scaling Deployments": activation, pollingInterval, cooldownPeriod; scale_scaledobjects.go).
 */

/** One direction of `behavior`. */
type Rules = {
  readonly stabilizationWindowSeconds: number;
  /** Of several policies the one that allows the largest change counts (`selectPolicy: Max`). */
  readonly policies: readonly {
    readonly type: 'Pods' | 'Percent';
    readonly value: number;
    readonly periodSeconds: number;
  }[];
  readonly tolerance: number;
};

export type HpaSpec = {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly targetValue: number;
  readonly scaleUp: Rules;
  readonly scaleDown: Rules;
};

const ALL_AT_ONCE = [{ type: 'Percent', value: 100, periodSeconds: 15 }] as const;
/** More than any test scales by. */
const UNBOUNDED = [{ type: 'Pods', value: 100_000, periodSeconds: 15 }] as const;

/** What an HPA does without a `behavior`. */
export const DEFAULTS: Pick<HpaSpec, 'scaleUp' | 'scaleDown'> = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    policies: [...ALL_AT_ONCE, { type: 'Pods', value: 4, periodSeconds: 15 }],
    tolerance: 0.1,
  },
  scaleDown: { stabilizationWindowSeconds: 300, policies: ALL_AT_ONCE, tolerance: 0.1 },
};

/** The `behavior` of deploy/kubernetes/keda. */
export const FOLLOWS: Pick<HpaSpec, 'scaleUp' | 'scaleDown'> = {
  scaleUp: { stabilizationWindowSeconds: 0, policies: UNBOUNDED, tolerance: 0 },
  scaleDown: { stabilizationWindowSeconds: 0, policies: ALL_AT_ONCE, tolerance: 0 },
};

type Past = { readonly at: number; readonly count: number };

/** Times are seconds. */
export class HpaModel {
  #proposals: Past[] = [];
  #changes: Past[] = [];
  readonly spec: HpaSpec;

  constructor(spec: HpaSpec) {
    this.spec = spec;
  }

  /** The replicas after one sync. `metric` undefined: it could not be read, so nothing is changed. 0 replicas: disabled. */
  sync(at: number, replicas: number, metric: number | undefined): number {
    if (replicas === 0 || metric === undefined) return replicas;
    const proposed = this.#stabilized(at, replicas, this.#proposed(replicas, metric));
    const bounded = Math.min(this.spec.maxReplicas, Math.max(this.spec.minReplicas, proposed));
    const to = this.#limited(at, replicas, bounded);
    if (to !== replicas) this.#changes.push({ at, count: to - replicas });
    return to;
  }

  /** ceil(current × ratio), where the ratio is the metric per pod over the target; within the tolerance, the current. */
  #proposed(replicas: number, metric: number): number {
    const { targetValue, scaleUp, scaleDown } = this.spec;
    const ratio = metric / (targetValue * replicas);
    const within = ratio >= 1 - scaleDown.tolerance && ratio <= 1 + scaleUp.tolerance;
    return within ? replicas : Math.ceil(metric / targetValue);
  }

  /** Up: no more than the least, down: no less than the most that was proposed within the window. */
  #stabilized(at: number, replicas: number, proposed: number): number {
    this.#proposals.push({ at, count: proposed });
    const within = ({ stabilizationWindowSeconds }: Rules): number[] =>
      this.#proposals
        .filter((past) => past.at === at || past.at > at - stabilizationWindowSeconds)
        .map(({ count }) => count);
    const least = Math.min(...within(this.spec.scaleUp));
    const most = Math.max(...within(this.spec.scaleDown));
    return Math.min(Math.max(replicas, least), Math.max(most, least));
  }

  #limited(at: number, replicas: number, to: number): number {
    const allowed = (rules: Rules, sign: 1 | -1): number => {
      const limits = rules.policies.map(({ type, value, periodSeconds }) => {
        const recent = this.#changes.filter((past) => past.at > at - periodSeconds && past.count * sign > 0);
        const start = replicas - recent.reduce((total, { count }) => total + count, 0);
        const by = type === 'Pods' ? value : (start * value) / 100;
        return sign > 0 ? Math.ceil(start + by) : Math.floor(start - by);
      });
      return sign > 0 ? Math.max(...limits) : Math.max(0, Math.min(...limits));
    };
    if (to > replicas) return Math.max(replicas, Math.min(to, allowed(this.spec.scaleUp, 1)));
    return Math.min(replicas, Math.max(to, allowed(this.spec.scaleDown, -1)));
  }
}

type Activation = { readonly cooldownSeconds: number };

/** KEDA's own part, at each `pollingInterval`: from 0 to 1 once the metric is above 0, from 1 to 0 after the cooldown. */
export class ActivationModel {
  #lastActive: number | undefined;
  readonly spec: Activation;

  constructor(spec: Activation) {
    this.spec = spec;
  }

  poll(at: number, replicas: number, metric: number | undefined): number {
    // An error with no `fallback` changes nothing.
    if (metric === undefined) return replicas;
    if (metric > 0) {
      this.#lastActive = at;
      return Math.max(1, replicas);
    }
    const cooled = this.#lastActive === undefined || this.#lastActive + this.spec.cooldownSeconds < at;
    return cooled ? 0 : replicas;
  }
}

/**
 * What KEDA's metrics-api trigger reads (metrics_api_scaler.go): a GET with the bearer token, anything but 200 an error, and
 * the number at `valueLocation: wanted`. Undefined: an error.
 */
export async function readTrigger(url: string, token: string): Promise<number | undefined> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  if (answer.status !== 200) return undefined;
  const { wanted } = JSON.parse(text) as { wanted?: unknown };
  return typeof wanted === 'number' ? wanted : undefined;
}
