import { KEDA, KUBERNETES } from './mis-set-up-rows-kubernetes.ts';
import type { MisSetUp } from './mis-set-ups.ts';

const HOUR_MS = 3_600_000;

const SETTINGS: readonly MisSetUp[] = [
  { name: 'a misspelled setting', shows: '! MAX_WORKER', from: () => ({ MAX_WORKER: '5' }) },
  {
    name: 'a prefix without PROCESS_TYPES',
    shows: '! WORKER_MAX_WORKERS',
    from: () => ({ WORKER_MAX_WORKERS: '5' }),
  },
  { name: 'a dry run that was forgotten', shows: '! DRY_RUN', from: () => ({ DRY_RUN: 'true' }) },
  {
    name: 'a schedule with a gap',
    shows: '! SCHEDULE',
    from: () => ({ SCHEDULE: '*/10 * 8-18 * * 1-5' }),
  },
  {
    name: 'windows in UTC by accident',
    shows: '! TIME_ZONE',
    from: () => ({ LIMITS: 'mon-fri 08:00-20:00 = 10-50' }),
  },
  {
    name: 'a window that never applies',
    shows: '! LIMITS of worker',
    from: () => ({ LIMITS: 'mon-fri = 2-20; wed 09:00-12:00 = 10-50', TIME_ZONE: 'UTC' }),
  },
  {
    name: 'a window with its limits the wrong way round',
    shows: 'exit 2: LIMITS',
    from: () => ({ LIMITS: 'mon-fri 08:00-20:00 = 50-10' }),
  },
  {
    name: 'a minimum above the maximum',
    shows: 'exit 2: MIN_WORKERS',
    from: () => ({ MIN_WORKERS: '60' }),
  },
  {
    name: 'nothing to scale',
    shows: '! bounds of worker',
    from: () => ({ MIN_WORKERS: '5', MAX_WORKERS: '5' }),
  },
  {
    name: 'both sizing rules',
    shows: '! JOBS_PER_WORKER',
    from: () => ({ JOBS_PER_WORKER: '20', MAX_WAIT_SECONDS: '120' }),
  },
  { name: 'a wait below a tick', shows: '! wait of worker', from: () => ({ MAX_WAIT_SECONDS: '5' }) },
  {
    name: 'a boot longer than the wait',
    shows: '! wait of worker',
    from: () => ({ MAX_WAIT_SECONDS: '25' }),
  },
  {
    name: 'a wait for a queue that is not selected',
    shows: '! QUEUE_MAX_WAIT_SECONDS',
    from: () => ({ MAX_WAIT_SECONDS: '120', QUEUE_MAX_WAIT_SECONDS: 'mial=60' }),
  },
  { name: 'steps that are too small', shows: '! steps of worker', from: () => ({ MAX_STEP_UP: '1' }) },
  {
    name: 'a scale-down delay below a boot',
    shows: '! scale-down of worker',
    from: () => ({ SCALE_DOWN_DELAY_SECONDS: '5' }),
  },
  {
    name: 'busy dynos removed at once',
    shows: '! draining of worker',
    from: () => ({ DRAIN_TIMEOUT_SECONDS: '0' }),
  },
  {
    name: 'Drover scales its own process type',
    shows: 'exit 2: PROCESS_TYPE',
    from: () => ({ DYNO: 'worker.1' }),
  },
  {
    name: 'a dashboard without a token',
    shows: 'exit 2: DASHBOARD_TOKEN',
    from: () => ({ DASHBOARD: 'true' }),
  },
  {
    name: 'a dashboard on a dyno that gets no requests',
    shows: '! DASHBOARD',
    from: () => ({ DASHBOARD: 'true', DASHBOARD_TOKEN: 'a-dashboard-token', DYNO: 'clock.1' }),
  },
  {
    name: 'notices that cross the network in the clear',
    shows: 'exit 2: NOTIFY_URL',
    from: () => ({ NOTIFY_URL: 'http://hooks.example.test/services/T0/B0/secret' }),
  },
  {
    name: 'notices to a host that does not answer',
    shows: '! NOTIFY_URL',
    from: async (setUp) => ({ NOTIFY_URL: `http://127.0.0.1:${await setUp.unusedPort()}/hook` }),
  },
  {
    name: 'the add-on of another autoscaler',
    shows: '! JUDOSCALE_URL',
    from: () => ({ JUDOSCALE_URL: 'https://adapter.judoscale.com/api/123' }),
  },
];

const REDIS: readonly MisSetUp[] = [
  {
    name: 'Redis at the wrong address',
    shows: '✗ Redis',
    from: async (setUp) => ({ REDIS_URL: `redis://127.0.0.1:${await setUp.unusedPort()}` }),
  },
  {
    name: 'Redis on localhost of a dyno',
    shows: '! REDIS_URL',
    from: () => ({ DYNO: 'clock.1' }),
  },
  {
    name: 'a wrong password of Redis',
    shows: '✗ Redis',
    from: async (setUp) => {
      const { url } = await setUp.otherRedis(['--requirepass', 'right']);
      return { REDIS_URL: url.replace('redis://', 'redis://:wrong@') };
    },
  },
  {
    name: 'no password of Redis',
    shows: '✗ Redis',
    from: async (setUp) => ({ REDIS_URL: (await setUp.otherRedis(['--requirepass', 'right'])).url }),
  },
  {
    name: 'a certificate that cannot be verified',
    shows: '✗ Redis',
    from: async (setUp) => ({ REDIS_URL: (await setUp.tlsRedis()).url }),
  },
  {
    name: 'a certificate that is not verified',
    shows: '! TLS of REDIS_URL',
    from: async (setUp) => ({ REDIS_URL: (await setUp.tlsRedis()).url, REDIS_TLS_VERIFY: 'false' }),
  },
  {
    name: 'no TLS to a port with it',
    shows: '✗ Redis',
    from: async (setUp) => ({ REDIS_URL: `redis://127.0.0.1:${(await setUp.tlsRedis()).tlsPort}` }),
  },
  {
    name: 'a Redis user without a right that is needed',
    shows: '✗ permission +llen',
    from: async (setUp) => {
      await setUp.redis.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-llen');
      return { REDIS_URL: setUp.redisUrl.replace('redis://', 'redis://app:secret@') };
    },
  },
  {
    name: 'a Redis user that may not save state',
    shows: '✗ state',
    from: async (setUp) => {
      await setUp.redis.call('ACL', 'SETUSER', 'reader', 'on', '>secret', '%R~*', '&*', '+@all');
      return { REDIS_URL: setUp.redisUrl.replace('redis://', 'redis://reader:secret@') };
    },
  },
  {
    name: 'a replica of Redis',
    shows: '✗ state',
    from: async (setUp) => {
      const { url, redis } = await setUp.otherRedis();
      await redis.replicaof('127.0.0.1', new URL(setUp.redisUrl).port);
      return { REDIS_URL: url };
    },
  },
  {
    name: 'a database that Redis does not have',
    shows: '✗ Redis',
    from: (setUp) => ({ REDIS_URL: `${setUp.redisUrl}/99` }),
  },
  {
    name: 'an eviction policy that deletes jobs',
    shows: '! eviction of REDIS_URL',
    from: async (setUp) => await setUp.config('maxmemory-policy', 'allkeys-lru'),
  },
  {
    name: 'an eviction policy that deletes locks',
    shows: '! eviction of REDIS_URL',
    from: async (setUp) => {
      await setUp.config('maxmemory', '1gb');
      return await setUp.config('maxmemory-policy', 'volatile-lru');
    },
  },
  {
    name: 'a Redis that is nearly full',
    shows: '! memory of REDIS_URL',
    from: async (setUp) => {
      // So much that the buffers of connections do not show in the percentage, and without passing through one.
      await setUp.redis.setrange('filler', 60_000_000, 'x');
      const used = /used_memory:(\d+)/.exec(await setUp.redis.info('memory'))?.[1];
      return await setUp.config('maxmemory', String(Math.round(Number(used) / 0.965)));
    },
  },
  {
    name: 'connections that are nearly used up',
    shows: '! connections of REDIS_URL',
    from: async (setUp) => await setUp.config('maxclients', String((await setUp.clients()) + 1)),
  },
  {
    name: 'clocks that differ',
    shows: '! time of REDIS_URL',
    from: () => ({}),
    now: () => Date.now() - 90_000,
  },
  {
    name: 'a node of a cluster taken for a single server',
    shows: '! cluster of REDIS_URL',
    from: async (setUp) => ({ REDIS_URL: (await setUp.clusterNode()).url }),
  },
  {
    name: 'a cluster without a hash tag in the prefix',
    shows: '✗ queue mail',
    from: async (setUp) => ({ REDIS_URL: `${(await setUp.clusterNode()).url}?cluster=true` }),
  },
  {
    name: 'state in a Redis that does not answer',
    shows: '✗ state',
    from: async (setUp) => ({ STATE_REDIS_URL: `redis://127.0.0.1:${await setUp.unusedPort()}` }),
  },
  {
    name: 'state in a Redis that evicts it',
    shows: '! eviction of STATE_REDIS_URL',
    from: async (setUp) => ({
      STATE_REDIS_URL: (await setUp.otherRedis(['--maxmemory', '1gb', '--maxmemory-policy', 'volatile-ttl']))
        .url,
    }),
  },
  {
    name: 'workers that report to another Redis than that of the state',
    shows: '! reports of worker',
    from: async (setUp) => {
      await setUp.report(5);
      return { STATE_REDIS_URL: (await setUp.otherRedis()).url };
    },
  },
];

const QUEUES: readonly MisSetUp[] = [
  { name: 'a typo in a queue', shows: '✗ queue mial', from: () => ({ QUEUES: 'mial' }) },
  {
    name: 'a wrong prefix',
    shows: '✗ queue orders',
    from: async (setUp) => {
      await setUp.queue('orders', { prefix: 'shop' });
      return { QUEUES: 'orders' };
    },
  },
  {
    name: 'a wrong database of Redis',
    shows: '✗ queue orders',
    from: async (setUp) => {
      await setUp.queue('orders', { db: 3 });
      return { QUEUES: 'orders' };
    },
  },
  { name: 'a pattern that matches nothing', shows: '✗ queue orders-*', from: () => ({ QUEUES: 'orders-*' }) },
  {
    name: 'a key that is no queue',
    shows: '✗ queue mail',
    from: async (setUp) => {
      await setUp.redis.set('bull:mail:wait', 'x');
      return {};
    },
  },
  {
    name: 'a queue that was paused and forgotten',
    shows: '! queue mail',
    from: async (setUp) => {
      await (await setUp.queue('mail')).pause();
      return {};
    },
  },
  {
    name: 'orphaned jobs',
    shows: '! orphaned jobs',
    from: async (setUp) => {
      await setUp.redis.lpush('bull:mail:active', '1');
      return {};
    },
  },
  {
    name: 'one queue for two process types',
    shows: '! queue mail',
    from: async (setUp) => {
      await setUp.queue('reports');
      await setUp.worker('reports', 'worker.2');
      return { PROCESS_TYPES: 'worker,mailer', MAILER_QUEUES: 'mail,reports' };
    },
  },
  {
    name: 'a queue that no worker serves',
    shows: '! workers of worker',
    from: async (setUp) => {
      await setUp.queue('reports');
      return { QUEUES: 'mail,reports' };
    },
  },
  {
    name: 'workers of a queue that is not selected',
    shows: '! QUEUES',
    from: async (setUp) => {
      await setUp.queue('reports');
      await setUp.worker('reports', 'worker.2');
      return {};
    },
  },
  {
    name: 'dynos without a worker on this Redis',
    shows: '! workers of worker',
    from: async (setUp) => {
      const { url, redis } = await setUp.otherRedis();
      await redis.hset('bull:mail:meta', 'version', 'bullmq:6');
      return { REDIS_URL: url };
    },
  },
  {
    name: 'workers without a name',
    shows: '! workers of worker',
    from: async (setUp) => {
      await setUp.worker('mail');
      return {};
    },
  },
  {
    name: 'running jobs of workers without a name',
    shows: '! workers of worker',
    from: async (setUp) => {
      await setUp.redis.lpush('bull:mail:active', '1');
      await setUp.redis.set('bull:mail:1:lock', 'x:1', 'PX', 30_000);
      return {};
    },
  },
  {
    name: 'workers named after something else than their dyno',
    shows: '! workers of worker',
    from: async (setUp) => {
      await setUp.worker('mail', 'mail-worker');
      return {};
    },
  },
  {
    name: 'a concurrency that is not known',
    shows: '! concurrency of worker',
    from: () => ({ MAX_WAIT_SECONDS: '120' }),
  },
  {
    name: 'a concurrency that is not what the workers report',
    shows: '! concurrency of worker',
    from: async (setUp) => {
      await setUp.report(25);
      return { WORKER_CONCURRENCY: '5' };
    },
  },
];

const CLOCK: readonly MisSetUp[] = [
  {
    name: 'another clock that scales other process types',
    shows: '✗ lease',
    from: async (setUp) => {
      await setUp.redis.set(
        'drover:{my-app}:lease',
        `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)} mailer`,
      );
      return {};
    },
  },
  {
    name: 'a clock that has stopped',
    shows: '! clock',
    from: async (setUp) => {
      await setUp.ticks(Date.now() - 3 * HOUR_MS, false);
      return {};
    },
  },
  {
    name: 'a pause that was forgotten',
    shows: '! pause',
    from: async (setUp) => {
      await setUp.redis.set('drover:{my-app}:pause', JSON.stringify({ by: 'the command line' }));
      return {};
    },
  },
  {
    name: 'autoscaling suspended by a manual 0',
    shows: '! quantity of worker',
    from: async (setUp) => {
      await setUp.manualZero();
      return {};
    },
  },
  {
    name: 'a second autoscaler',
    shows: '! quantity of worker',
    from: async (setUp) => {
      await setUp.ticks(Math.floor(Date.now() / 60_000) * 60_000, true);
      return {};
    },
  },
];

const HEROKU: readonly MisSetUp[] = [
  { name: 'an invalid token', shows: '✗ Heroku', from: () => ({ HEROKU_API_KEY: 'HRKU-another-token' }) },
  {
    name: 'a token of another account',
    shows: '✗ Heroku',
    from: (setUp) => {
      const message = 'You do not have access to the app my-app.';
      setUp.platform.intercept(() => ({ status: 403, body: { id: 'forbidden', message } }));
      setUp.later(() => setUp.platform.intercept(undefined));
      return {};
    },
  },
  {
    name: 'a token that may only read',
    shows: '✗ token',
    from: async (setUp) => await setUp.otherToken(['read']),
  },
  {
    name: 'a token that may do everything',
    shows: '! token',
    from: async (setUp) => await setUp.otherToken(['global']),
  },
  { name: 'an app that does not exist', shows: '✗ Heroku', from: () => ({ HEROKU_APP_NAME: 'your-app' }) },
  {
    name: 'a process type that does not exist',
    shows: '✗ process type wroker',
    from: () => ({ PROCESS_TYPE: 'wroker' }),
  },
  {
    name: 'an app that was never deployed',
    shows: '✗ process type worker',
    from: () => ({ HEROKU_APP_NAME: 'new-app' }),
  },
  { name: 'the process type web', shows: '✗ process type web', from: () => ({ PROCESS_TYPE: 'web' }) },
  { name: 'the process type of the clock', shows: '✗ clock clock', from: () => ({ PROCESS_TYPE: 'clock' }) },
  {
    name: 'a clock at 0 dynos',
    shows: '! clock clock',
    from: (setUp) => setUp.quantity('clock', 0),
  },
  {
    name: 'a clock at 2 dynos',
    shows: '! clock clock',
    from: (setUp) => setUp.quantity('clock', 2),
  },
  {
    name: 'Eco dynos',
    shows: '! size of worker',
    from: () => ({ HEROKU_APP_NAME: 'eco-app', MIN_WORKERS: '0', MAX_WORKERS: '1' }),
  },
  {
    name: 'a dyno size that does not exist',
    shows: '✗ size of worker',
    from: () => ({ DYNO_SIZE: 'standard-9x' }),
  },
  { name: 'a dyno size of another tier', shows: '✗ size of worker', from: () => ({ DYNO_SIZE: 'basic' }) },
  {
    name: 'a minimum above what Heroku allows',
    shows: '✗ limit of worker',
    from: () => ({ DYNO_SIZE: 'performance-m', MIN_WORKERS: '20' }),
  },
  {
    name: 'a maximum above what Heroku allows',
    shows: '! limit of worker',
    from: () => ({ MAX_WORKERS: '500' }),
  },
  {
    name: 'a maximum that does not fit beside the other process types',
    shows: '! limit of worker',
    from: () => ({ HEROKU_APP_NAME: 'full-app' }),
  },
  {
    name: 'crashed dynos',
    shows: '! dynos of worker',
    from: (setUp) => {
      const dynos = [1, 2].map((number) => ({ name: `worker.${number}`, type: 'worker', state: 'crashed' }));
      setUp.platform.intercept(({ path }) =>
        path.endsWith('/dynos') ? { status: 200, body: dynos } : 'pass',
      );
      setUp.later(() => setUp.platform.intercept(undefined));
      return {};
    },
  },
  { name: 'dynos of Fir', shows: '! dynos of worker', from: () => ({ HEROKU_APP_NAME: 'fir-app' }) },
  {
    name: 'maintenance mode',
    shows: '! maintenance',
    from: (setUp) => {
      setUp.platform.setMaintenance('my-app', true);
      setUp.later(() => setUp.platform.setMaintenance('my-app', false));
      return {};
    },
  },
  {
    name: 'a request budget that another client uses up',
    shows: '! API budget',
    from: (setUp) => {
      setUp.platform.rateLimitRemaining = 500;
      setUp.later(() => {
        setUp.platform.rateLimitRemaining = 4500;
      });
      return {};
    },
  },
];

/** By their headings in docs/check.md. */
export const MIS_SET_UPS: Readonly<Record<string, readonly MisSetUp[]>> = {
  Settings: SETTINGS,
  Redis: REDIS,
  'Queues and workers': QUEUES,
  'The clock': CLOCK,
  Heroku: HEROKU,
  Kubernetes: KUBERNETES,
  KEDA,
};
