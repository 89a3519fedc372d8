/**
 * Requests to the platform in an hour, by the real adapters against the local stand-ins on a clock of their own: with
 * nothing to change, with a burst every ten minutes, and with another number of workers wanted at every tick.
 */
import { herokuFormation } from '../src/adapters/heroku/formation.ts';
import { kubernetesFormation, type TargetOptions } from '../src/adapters/kubernetes/formation.ts';
import { publishedFormation } from '../src/adapters/kubernetes/published-formation.ts';
import { parseTarget } from '../src/config/target.ts';
import type { Tick } from '../src/control/outcome.ts';
import { reconcile, type Carried } from '../src/control/reconcile.ts';
import type { Formation } from '../src/ports/platform.ts';
import { startKubernetes } from '../src/standin/kubernetes/kubernetes.ts';
import { startPlatform } from '../src/standin/platform.ts';
import { FakeClock } from '../test/adapters/heroku/fake-clock.ts';
import { backlog, processType, queue, InMemoryPorts } from '../test/support/ports.ts';

const HOUR_MS = 3_600_000;
const REPLICAS = 3;
const settings = processType({ scaleDownDelayMs: 0, manualHoldMs: 0 });

type Counted = { requests: number; writes: number };

/** A platform that counts what it is asked. */
type Subject = {
  readonly formation: Formation;
  readonly counted: Counted;
  /** What the platform does between two ticks. */
  readonly after: (tick: Tick) => void;
  readonly close: () => Promise<void>;
};

const LOADS: { readonly name: string; readonly jobsAt: (ms: number, tick: number) => number }[] = [
  { name: 'idle', jobsAt: () => 300 },
  { name: 'a burst every ten minutes', jobsAt: (ms) => (ms % 600_000 < 60_000 ? 3000 : 300) },
  { name: 'a change needed at every tick', jobsAt: (_, tick) => (tick % 2 === 0 ? 300 : 1300) },
];

/** Only Heroku has a budget, which makes the length of a tick count. */
const TICKS_MS: Readonly<Record<string, readonly number[]>> = { Heroku: [10_000, 1_000] };
const PLATFORMS: Readonly<Record<string, (clock: FakeClock) => Promise<Subject>>> = {
  Heroku: heroku,
  'Kubernetes, Deployment': async (clock) =>
    await kubernetes(clock, 'deployment/worker', kubernetesFormation),
  'Kubernetes, StatefulSet': async (clock) =>
    await kubernetes(clock, 'statefulset/worker', kubernetesFormation),
  'KEDA, Deployment': async (clock) => await kubernetes(clock, 'deployment/worker', publishedFormation),
};

console.log("| platform | ticks | load | requests an hour | a tick | of Heroku's 4,500 | writes an hour |");
console.log('|---|---|---|---:|---:|---:|---:|');
for (const [platform, start] of Object.entries(PLATFORMS))
  for (const tickMs of TICKS_MS[platform] ?? [10_000])
    for (const { name, jobsAt } of LOADS) {
      const { requests, writes } = await anHour(start, tickMs, jobsAt);
      const aTick = ((requests * tickMs) / HOUR_MS).toFixed(2);
      const share = platform === 'Heroku' ? `${((requests / 4500) * 100).toFixed(0)} %` : '–';
      console.log(
        `| ${platform} | every ${tickMs / 1000} s | ${name} | ${requests} | ${aTick} | ${share} | ${writes} |`,
      );
    }

async function heroku(clock: FakeClock): Promise<Subject> {
  const platform = await startPlatform({
    clock,
    apps: [{ name: 'my-app', formation: [{ type: 'worker', quantity: REPLICAS }] }],
  });
  const { token, url: baseUrl } = platform;
  return {
    formation: herokuFormation({ appName: 'my-app', token, baseUrl, clock }),
    counted: counting(platform),
    after: () => {},
    close: async () => await platform.close(),
  };
}

async function kubernetes(
  clock: FakeClock,
  text: string,
  formationOf: (options: TargetOptions) => Formation,
): Promise<Subject> {
  const target = parseTarget(text);
  if (target === undefined) throw new Error(`${text} is no target`);
  const cluster = await startKubernetes({
    clock,
    workloads: [{ target: text, replicas: REPLICAS, spec: { podManagementPolicy: 'Parallel' } }],
  });
  const { token, url: server, namespace } = cluster;
  const targets = new Map([['worker', target]]);
  return {
    formation: formationOf({ credentials: async () => ({ server, token }), namespace, targets, clock }),
    counted: counting(cluster),
    // KEDA's HorizontalPodAutoscaler has read it by then.
    after: ({ outcomes: [outcome] }) => {
      if (outcome?.kind === 'resized' && outcome.resized.kind === 'published')
        cluster.setReplicas(text, outcome.resized.wanted);
    },
    close: async () => await cluster.close(),
  };
}

/** Counts here, as the stand-ins' logs are bounded. */
function counting(standIn: {
  intercept(fault: (request: { readonly method: string }) => 'pass'): void;
}): Counted {
  const counted = { requests: 0, writes: 0 };
  standIn.intercept(({ method }) => {
    counted.requests += 1;
    if (method === 'PATCH') counted.writes += 1;
    return 'pass';
  });
  return counted;
}

async function anHour(
  start: (clock: FakeClock) => Promise<Subject>,
  tickMs: number,
  jobsAt: (ms: number, tick: number) => number,
): Promise<Counted> {
  const clock = new FakeClock();
  const { formation, counted, after, close } = await start(clock);
  const world = new InMemoryPorts();
  const ports = { ...world.ports, formation, clock };
  let carried: Carried;
  for (let ms = 0; ms < HOUR_MS; ms += tickMs) {
    world.backlogs = [backlog({ queues: [queue({ waiting: jobsAt(ms, ms / tickMs) })] })];
    const request = { ports, tickMs, signal: new AbortController().signal };
    const done = await reconcile(request, [settings], carried);
    ({ carried } = done);
    after(done.tick);
    clock.at += tickMs;
  }
  await close();
  return counted;
}
