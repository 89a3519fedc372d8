import type { StoryEvent } from './story.ts';
import type { World } from './world.ts';

/** For how many ticks after an event two clocks, or none, may hold the lease. */
const UNSURE_TICKS = 4;

/** Makes an event of a story happen now, and what ends it later. */
export function applyEvent(world: World, event: StoryEvent): void {
  const { time, redis, platform, queues, law } = world;
  const later = (ms: number, run: () => void): void => void time.after(ms, run);
  const unsure = (ms: number): void => {
    law.leaseUnsureUntil = Math.max(law.leaseUnsureUntil, time.now + ms + UNSURE_TICKS * world.story.tickMs);
  };
  const forgets = (name: string): void => {
    const [kind = '', type = ''] = name.split(' ');
    if (kind === 'memory') law.readAfterReportAt.delete(type);
    if (kind === 'order') law.drainRequestLostAt.set(type, time.now);
  };
  world.note(`event: ${JSON.stringify(event)}`);
  switch (event.kind) {
    case 'jobs':
      world.add(event.queue, event.count, event.delayMs);
      return;
    case 'heroku': {
      const fault = { fault: event.fault, of: event.of };
      platform.faults.add(fault);
      later(event.forMs, () => platform.faults.delete(fault));
      return;
    }
    case 'limit': {
      const limit = { count: event.count, per: event.per };
      platform.limit = limit;
      later(event.forMs, () => {
        if (platform.limit === limit) platform.limit = undefined;
      });
      return;
    }
    case 'others':
      platform.remaining = Math.min(platform.remaining, event.remaining);
      return;
    case 'redis':
      setRedisFault(world, event.how, true);
      unsure(event.forMs);
      later(event.forMs, () => setRedisFault(world, event.how, false));
      return;
    case 'redis slow':
      redis.slowMs += event.byMs;
      later(event.forMs, () => (redis.slowMs -= event.byMs));
      return;
    case 'failover': {
      const goBack = redis.data.snapshot();
      later(event.lostMs, () => {
        goBack();
        unsure(0);
        redis.failOver(
          (client) => event.keepsSockets && world.clocks.some((clock) => clock.client === client),
        );
        world.note(`Redis has failed over and lost its last ${event.lostMs} ms`);
      });
      return;
    }
    case 'evict':
      unsure(0);
      redis.data.delete(world.key(event.keys));
      forgets(event.keys);
      return;
    case 'plant': {
      unsure(0);
      const key = world.key(event.key);
      redis.data.delete(key);
      forgets(event.key);
      const text = event.text.replaceAll(/"@(-?\d+)"/g, (_, ms) => String(Math.floor(time.now) + Number(ms)));
      if (event.type === 'string') redis.data.set(key, text);
      else redis.data.changeHash(key, (fields) => fields.set('planted', text));
      return;
    }
    case 'clock stopped': {
      const clock = world.leader ?? world.clock;
      if (clock === undefined) return;
      unsure(event.forMs);
      time.stop(clock.machine);
      later(event.forMs, () => {
        world.note(`${clock.machine.name} wakes up`);
        time.wake(clock.machine);
      });
      return;
    }
    case 'clock killed':
      world.endClock(world.clock, false);
      later(event.forMs, () => world.startClock());
      return;
    case 'clock replaced': {
      const { clock } = world;
      world.startClock();
      later(event.overlapMs, () => world.endClock(clock, true));
      return;
    }
    case 'clock restarted':
      world.endClock(world.clock, true);
      later(1000, () => world.startClock());
      return;
    case 'clock skewed': {
      const machine = world.clock?.machine;
      if (machine === undefined) return;
      machine.skewMs += event.byMs;
      later(event.forMs, () => (machine.skewMs -= event.byMs));
      return;
    }
    case 'redis skewed':
      unsure(event.forMs);
      skewRedis(world, event.byMs);
      later(event.forMs, () => skewRedis(world, -event.byMs));
      return;
    case 'dyno skewed': {
      const fleet = world.fleets.get(world.story.types[0]?.settings.processType ?? '');
      const machine = fleet?.at(1)?.machine;
      if (machine === undefined) return;
      machine.skewMs += event.byMs;
      later(event.forMs, () => (machine.skewMs -= event.byMs));
      return;
    }
    case 'dyno stopped': {
      const machine = world.fleets.get(event.type)?.at(event.ordinal)?.machine;
      if (machine === undefined) return;
      time.stop(machine);
      later(event.forMs, () => time.wake(machine));
      return;
    }
    case 'dyno crashed':
      world.fleets.get(event.type)?.crash(event.ordinal, event.forMs);
      return;
    case 'workers deployed':
      world.fleets.get(event.type)?.restart();
      return;
    case 'release':
      platform.releasing = true;
      later(event.forMs, () => (platform.releasing = false));
      return;
    case 'maintenance':
      platform.maintenance = true;
      later(event.forMs, () => (platform.maintenance = false));
      return;
    case 'hand':
      if (event.quantity === 0) law.manuallyZero.add(event.type);
      else law.manuallyZero.delete(event.type);
      platform.set(event.type, event.quantity);
      return;
    case 'paused': {
      const until = Math.floor(time.now) + event.forMs;
      const pause = event.unbounded ? { by: 'a person' } : { by: 'a person', until };
      redis.data.set(
        world.key('pause'),
        JSON.stringify(pause),
        event.unbounded ? Infinity : redis.data.now() + event.forMs,
      );
      later(event.forMs, () => redis.data.delete(world.key('pause')));
      return;
    }
    case 'type gone': {
      const row = platform.rows.get(event.type);
      if (row === undefined) return;
      row.inProcfile = false;
      row.quantity = 0;
      world.fleets.get(event.type)?.scale(0);
      world.seenGone.delete(event.type);
      later(event.forMs, () => {
        row.inProcfile = true;
        // Where no tick came meanwhile, all that can be seen is a quantity that became 0, as by a person.
        if (!world.seenGone.has(event.type)) law.manuallyZero.add(event.type);
      });
      return;
    }
    case 'queue paused':
      queues.setPaused(event.queue, true);
      later(event.forMs, () => {
        queues.setPaused(event.queue, false);
        world.add(event.queue, 0, 0);
      });
      return;
    case 'queue capped':
      queues.setConcurrency(event.queue, event.slots);
      later(event.forMs, () => queues.setConcurrency(event.queue, undefined));
      return;
    default:
      event satisfies never;
  }
}

/** Keys expire when the time of Redis jumps ahead, drain requests too. */
function skewRedis(world: World, byMs: number): void {
  const { redis, law } = world;
  const requested = (type: string): boolean => redis.data.typeOf(world.key(`order ${type}`)) !== 'none';
  const types = world.story.types.map(({ settings }) => settings.processType).filter(requested);
  redis.skewMs += byMs;
  for (const type of types) if (!requested(type)) law.drainRequestLostAt.set(type, world.time.now);
}

function setRedisFault({ redis }: World, how: 'unreachable' | 'hanging' | 'full', begins: boolean): void {
  switch (how) {
    case 'unreachable':
      redis.setReachable(!begins);
      return;
    case 'hanging':
      redis.setHanging(begins);
      return;
    case 'full':
      redis.full = begins;
      return;
    default:
      how satisfies never;
  }
}
