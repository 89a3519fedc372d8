import { Counter, Gauge, Registry, type Histogram } from 'prom-client';

import { harmless } from '../config/mask.ts';
import { longestWaitMs } from '../journal/entry.ts';
import { healthOf, TOOK_BOUNDS_MS, type Counts, type Status, type TypeStatus } from '../journal/status.ts';
import { activeIn, readyIn } from '../journal/minute.ts';

/** Queues named in labels; with more, each series beyond costs every scrape and tells little. */
const MOST_QUEUES = 50;

type Labels = Readonly<Record<string, string>>;

/** Where things stand as Prometheus reads it. Counters go on across restarts, as the status they come from does. */
export async function metricsText(
  status: Status | undefined,
  paused: boolean,
  now: number,
): Promise<{ readonly text: string; readonly type: string }> {
  const registry = new Registry();
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  const counter = (name: string, help: string, labelNames: readonly string[]): Counter =>
    new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });

  gauge('drover_up', 'Whether the clock ticks and can read what it needs.').set(
    healthOf(status, now).ok ? 1 : 0,
  );
  gauge('drover_paused', 'Whether somebody paused it.').set(paused ? 1 : 0);
  if (status) {
    describeClock(status, gauge, counter, registry);
    describeTypes(status.types, gauge, counter);
    describeQueues(status.types, gauge);
  }
  return { text: harmless(await registry.metrics()), type: registry.contentType };
}

type MakeGauge = (name: string, help: string, labelNames?: readonly string[]) => Gauge;
type MakeCounter = (name: string, help: string, labelNames: readonly string[]) => Counter;

function describeClock(status: Status, gauge: MakeGauge, counter: MakeCounter, registry: Registry): void {
  gauge('drover_last_tick_timestamp_seconds', 'When the last tick was.').set(status.at / 1000);
  gauge('drover_tick_interval_seconds', 'The longest time between two ticks.').set(status.tickMs / 1000);
  if (status.requestsLeft !== undefined) {
    gauge('drover_heroku_requests_remaining', "Requests left in the account's hourly budget.").set(
      status.requestsLeft,
    );
  }
  addAll(
    counter('drover_ticks_total', 'Ticks by what came of them.', ['outcome']),
    status.ticks,
    'outcome',
    {},
  );
  registry.registerMetric(storedHistogram(status.took));
}

function describeTypes(types: readonly TypeStatus[], gauge: MakeGauge, counter: MakeCounter): void {
  const labels = ['process_type'];
  const set = (name: string, help: string, of: (type: TypeStatus) => number | undefined): void => {
    const metric = gauge(name, help, labels);
    for (const type of types) {
      const value = of(type);
      // What is not known is left out: a 0 would be a lie.
      if (value !== undefined) metric.set({ process_type: type.processType }, value);
    }
  };
  set('drover_dynos', 'Quantity of the formation.', ({ latest }) => latest?.quantity);
  set('drover_dynos_wanted', 'What the last decision wants.', ({ latest }) => latest?.to);
  set(
    'drover_dynos_needed',
    'What the backlog asks for, before any limit.',
    ({ latest }) => latest?.needed,
  );
  set('drover_dynos_min', 'The minimum in force.', ({ latest }) => latest?.min);
  set('drover_dynos_max', 'The maximum in force.', ({ latest }) => latest?.max);
  set(
    'drover_dynos_starting',
    'Dynos asked for less than a boot ago.',
    ({ latest, starting }) => latest && starting,
  );
  set(
    'drover_dynos_draining',
    'Dynos kept only for the jobs they run.',
    ({ latest, draining }) => latest && draining,
  );
  set('drover_jobs_ready', 'Jobs that a worker could take now.', ({ latest }) => latest && readyIn(latest));
  set('drover_jobs_active', 'Jobs that run.', ({ latest }) => latest && activeIn(latest));
  set(
    'drover_oldest_job_wait_seconds',
    'How long the oldest job has been ready.',
    ({ latest }) => latest && longestWaitMs(latest.queues) / 1000,
  );
  set('drover_blind_ticks', 'Ticks in a row that could not be decided.', ({ blindTicks }) => blindTicks);
  set('drover_cost_today_dollars', "Since midnight, by Heroku's price list.", ({ today }) => today?.costUsd);
  set('drover_saved_today_dollars', 'Less than the maximum all day.', ({ today }) => today?.savedUsd);

  const each = (name: string, help: string, label: string, of: (type: TypeStatus) => Counts): void => {
    const metric = counter(name, help, ['process_type', label]);
    for (const type of types) addAll(metric, of(type), label, { process_type: type.processType });
  };
  each('drover_changes_total', 'Changes of the quantity.', 'direction', ({ changes }) => changes);
  each(
    'drover_decisions_total',
    'Decisions by the step that had the last word.',
    'bound_by',
    ({ bounds }) => bounds,
  );
  each('drover_holds_total', 'Decisions not carried out, by why.', 'reason', ({ holds }) => holds);
  each('drover_failures_total', 'Failures by code.', 'code', ({ failures }) => failures);
  const added = counter('drover_jobs_added_total', 'Jobs that were added.', labels);
  const done = counter(
    'drover_jobs_done_total',
    'Jobs that ended, by the difference of what is there.',
    labels,
  );
  for (const type of types) {
    added.inc({ process_type: type.processType }, type.added);
    done.inc({ process_type: type.processType }, type.done);
  }
}

function describeQueues(types: readonly TypeStatus[], gauge: MakeGauge): void {
  const labels = ['process_type', 'queue'];
  const ready = gauge('drover_queue_jobs_ready', 'Jobs of the queue that a worker could take now.', labels);
  const active = gauge('drover_queue_jobs_active', 'Jobs of the queue that run.', labels);
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

/** Durations that were counted elsewhere: the library's own histogram can only be told one at a time. */
function storedHistogram({ buckets, sumMs }: Status['took']): Histogram {
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
  // The name and `get` are all that a registry asks of a metric.
  return { name: TOOK, get: async () => metric } as unknown as Histogram;
}
