import {
  Counter,
  Gauge,
  Registry,
  type Metric,
  type MetricObjectWithValues,
  type MetricValue,
} from 'prom-client';

import { harmless } from '../config/mask.ts';
import { longestWaitMs } from '../journal/entry.ts';
import { DEFAULT_NOUN, healthOf, TOOK_BOUNDS_MS, type Status } from '../journal/status.ts';
import type { Counts, TypeStatus } from '../journal/type-status.ts';
import { activeIn, readyIn } from '../journal/minute.ts';
import { wantedOf } from './wanted.ts';

/** Queues with series of their own: thousands would make every scrape slow. */
const MOST_QUEUES = 50;

type Labels = Readonly<Record<string, string>>;

/** What is known of an app. `app`: its name, where there are several. */
export type AppState = {
  readonly app?: string | undefined;
  readonly status: Status | undefined;
  /** Absent: unknown. */
  readonly paused: boolean | undefined;
  /** Whether the platform's autoscaler reads what is wanted. */
  readonly publishes?: boolean | undefined;
};

/** The status of each app in Prometheus' text format. Counters survive restarts, as the status in Redis does. */
export async function metricsText(
  states: readonly AppState[],
  now: number,
): Promise<{ readonly text: string; readonly type: string }> {
  const registries = states.map((state) => registryOf(state, now));
  const [only, ...others] = registries;
  const whole = only !== undefined && others.length === 0 ? only : await combined(registries);
  return { text: harmless(await whole.metrics()), type: whole.contentType };
}

function registryOf({ app, status, paused, publishes }: AppState, now: number): Registry {
  const registry = new Registry();
  if (app !== undefined) registry.setDefaultLabels({ app });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const counter = (name: string, help: string, labelNames: readonly string[]): Counter =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });

  gauge('drover_up', 'Whether the clock ticks and decides.').set(healthOf(status, now).ok ? 1 : 0);
  if (paused !== undefined) gauge('drover_paused', 'Whether scaling is paused.').set(paused ? 1 : 0);
  if (status) {
    describeClock(status, gauge, counter, registry);
    describeTypes(status, gauge, counter);
    if (publishes) describeWanted(status, gauge, now);
    describeQueues(status.types, gauge);
  }
  return registry;
}

/** The series of all registries under one heading per metric, which the format requires. */
async function combined(registries: readonly Registry[]): Promise<Registry> {
  const whole = new Registry();
  const metrics = new Map<string, MetricObjectWithValues<MetricValue<string>>>();
  for (const registry of registries)
    for (const metric of await registry.getMetricsAsJSON()) {
      const values = [...(metrics.get(metric.name)?.values ?? []), ...metric.values];
      metrics.set(metric.name, { ...metric, values });
    }
  for (const metric of metrics.values()) whole.registerMetric(stored(metric));
  return whole;
}

type MakeGauge = (name: string, help: string, labelNames?: readonly string[]) => Gauge;
type MakeCounter = (name: string, help: string, labelNames: readonly string[]) => Counter;

function describeClock(status: Status, gauge: MakeGauge, counter: MakeCounter, registry: Registry): void {
  gauge('drover_last_tick_timestamp_seconds', 'Time of the last tick.').set(status.at / 1000);
  gauge('drover_tick_interval_seconds', 'Interval between ticks.').set(status.tickMs / 1000);
  if (status.requestsLeft !== undefined) {
    gauge('drover_heroku_requests_remaining', "Requests left in the Heroku account's hourly budget.").set(
      status.requestsLeft,
    );
  }
  addAll(counter('drover_ticks_total', 'Ticks by outcome.', ['outcome']), status.ticks, 'outcome', {});
  registry.registerMetric(storedHistogram(status.took));
}

function describeTypes({ types, noun = DEFAULT_NOUN }: Status, gauge: MakeGauge, counter: MakeCounter): void {
  const workers = `${noun}s`;
  const labels = ['process_type'];
  const set = (name: string, help: string, of: (type: TypeStatus) => number | undefined): void => {
    const metric = gauge(name, help, labels);
    for (const type of types) {
      const value = of(type);
      // Unknown is not zero: the series is left out.
      if (value !== undefined) metric.set({ process_type: type.processType }, value);
    }
  };
  set('drover_dynos', `Current number of ${workers}.`, ({ latest }) => latest?.quantity);
  set('drover_dynos_wanted', `Number of ${workers} of the last decision.`, ({ latest }) => latest?.to);
  set(
    'drover_dynos_needed',
    `Number of ${workers} that the backlog needs, before any limit.`,
    ({ latest }) => latest?.needed,
  );
  set('drover_dynos_min', 'Minimum in force.', ({ latest }) => latest?.min);
  set('drover_dynos_max', 'Maximum in force.', ({ latest }) => latest?.max);
  set(
    'drover_dynos_starting',
    `Number of ${workers} requested less than one boot time ago.`,
    ({ latest, starting }) => latest && starting,
  );
  set(
    'drover_dynos_draining',
    `Number of ${workers} kept only for the jobs they run.`,
    ({ latest, draining }) => latest && draining,
  );
  set('drover_jobs_ready', 'Jobs that a worker could take now.', ({ latest }) => latest && readyIn(latest));
  set('drover_jobs_active', 'Jobs that are running.', ({ latest }) => latest && activeIn(latest));
  set(
    'drover_oldest_job_wait_seconds',
    'How long the oldest job has been ready.',
    ({ latest }) => latest && longestWaitMs(latest.queues) / 1000,
  );
  set('drover_blind_ticks', 'Consecutive ticks without a decision.', ({ blindTicks }) => blindTicks);
  set(
    'drover_cost_today_dollars',
    "Cost since midnight by the platform's price list.",
    ({ today }) => today?.costUsd,
  );
  set(
    'drover_saved_today_dollars',
    'Saved since midnight against the maximum.',
    ({ today }) => today?.savedUsd,
  );

  const each = (name: string, help: string, label: string, of: (type: TypeStatus) => Counts): void => {
    const metric = counter(name, help, ['process_type', label]);
    for (const type of types) addAll(metric, of(type), label, { process_type: type.processType });
  };
  each('drover_changes_total', 'Changes of the quantity.', 'direction', ({ changes }) => changes);
  each(
    'drover_decisions_total',
    'Decisions by the step that determined them.',
    'bound_by',
    ({ bounds }) => bounds,
  );
  each('drover_holds_total', 'Decisions not carried out, by reason.', 'reason', ({ holds }) => holds);
  each('drover_failures_total', 'Failures by code.', 'code', ({ failures }) => failures);
  const added = counter('drover_jobs_added_total', 'Jobs added.', labels);
  const done = counter(
    'drover_jobs_done_total',
    'Jobs done: jobs added minus the growth of the queues.',
    labels,
  );
  for (const type of types) {
    added.inc({ process_type: type.processType }, type.added);
    done.inc({ process_type: type.processType }, type.done);
  }
}

/** What an autoscaler of the platform is to set: left out wherever `GET /workers/<type>` would not answer. */
function describeWanted(status: Status, gauge: MakeGauge, now: number): void {
  const metric = gauge('drover_workers_wanted', 'Number of workers for the autoscaler to set.', [
    'process_type',
  ]);
  for (const { processType } of status.types) {
    const found = wantedOf(status, processType, now);
    if (found.kind === 'wanted') metric.set({ process_type: processType }, found.count);
  }
}

function describeQueues(types: readonly TypeStatus[], gauge: MakeGauge): void {
  const labels = ['process_type', 'queue'];
  const ready = gauge('drover_queue_jobs_ready', 'Jobs of the queue that a worker could take now.', labels);
  const active = gauge('drover_queue_jobs_active', 'Jobs of the queue that are running.', labels);
  const wait = gauge(
    'drover_queue_oldest_job_wait_seconds',
    'How long the oldest job of the queue has been ready.',
    labels,
  );
  const paused = gauge('drover_queue_paused', 'Whether the queue is paused.', labels);
  const rows = types.flatMap((type) => type.latest?.queues.map((queue) => ({ queue, type })) ?? []);
  for (const { queue, type } of rows.slice(0, MOST_QUEUES)) {
    const at = { process_type: type.processType, queue: queue.name };
    ready.set(at, queue.ready);
    active.set(at, queue.active);
    if (queue.waitMs !== undefined) wait.set(at, queue.waitMs / 1000);
    paused.set(at, queue.paused ? 1 : 0);
  }
}

function addAll(counter: Counter, counts: Counts, label: string, labels: Labels): void {
  for (const [name, count] of Object.entries(counts)) counter.inc({ ...labels, [label]: name }, count);
}

const TOOK = 'drover_tick_duration_seconds';

/** A histogram of counts that exist already: the library's own only observes single values. */
function storedHistogram({ buckets, sumMs }: Status['took']): Metric {
  let count = 0;
  const bounds: (number | string)[] = [...TOOK_BOUNDS_MS.map((ms) => ms / 1000), '+Inf'];
  const values = bounds.map((le, index) => {
    count += buckets[index] ?? 0;
    return { metricName: `${TOOK}_bucket`, labels: { le }, value: count };
  });
  const metric = {
    name: TOOK,
    help: 'How long ticks took.',
    type: 'histogram',
    aggregator: 'sum',
    values: [
      ...values,
      { metricName: `${TOOK}_sum`, labels: {}, value: sumMs / 1000 },
      { metricName: `${TOOK}_count`, labels: {}, value: count },
    ],
  };
  return stored(metric);
}

/** A registry uses only `name` and `get` of a metric. */
function stored(metric: { readonly name: string }): Metric {
  return { name: metric.name, get: async () => metric } as unknown as Metric;
}
