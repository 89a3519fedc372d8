import type { Outcome } from './world.ts';
import type { HerokuFault, Story, StoryEvent, StoryType } from './story.ts';

/** A story and what it broke, for a person, and how to see it again. */
export function storyText(story: Story, { violations, log }: Outcome): string {
  const lines = [
    `Seed ${story.seed}, ticks on ${story.schedule}, from ${new Date(story.startsAt).toISOString()}:`,
    ...story.types.map((type) => `  ${typeWords(type)}`),
    ...story.events.map((event) => `  ${time(event.atMs)}  ${eventWords(event)}`),
    ...violations.map(({ law, atMs, text }) => `  ${time(atMs)}  BROKEN (${law}): ${text}`),
    ...(log.length === 0
      ? []
      : ['  What happened:', ...log.map(([atMs, text]) => `    ${time(atMs)}  ${text}`)]),
    `  Again: npm run bench -- world --seed ${story.seed}, or --story FILE with this story as JSON: ${JSON.stringify(story)}`,
  ];
  return lines.join('\n');
}

function time(ms: number): string {
  const s = Math.floor(ms / 1000);
  return `${String(Math.floor(s / 60)).padStart(3)}:${String(s % 60).padStart(2, '0')}.${Math.floor((ms % 1000) / 100)}`;
}

function typeWords({ settings, workers, slots, processes, jobMs, bootMs, limiter }: StoryType): string {
  const { processType, min, max, jobsPerWorker, maxWaitMs, scaleDownDelayMs, manualHoldMs } = settings;
  const rule =
    maxWaitMs === undefined ? `${jobsPerWorker} jobs a dyno` : `to start within ${maxWaitMs / 1000} s`;
  return [
    `${processType}: ${min} to ${max} dynos, ${rule}, ${workers} workers of ${processes} × ${slots}`,
    `jobs of ${jobMs[0] / 1000} to ${jobMs[1] / 1000} s, boot about ${bootMs / 1000} s`,
    `scale-down delay ${scaleDownDelayMs / 1000} s, manual hold ${manualHoldMs / 1000} s`,
    ...(limiter === undefined ? [] : [`at most ${limiter.max} jobs in ${limiter.durationMs / 1000} s`]),
  ].join(', ');
}

function eventWords(event: StoryEvent): string {
  const lasting = 'forMs' in event ? ` for ${event.forMs / 1000} s` : '';
  switch (event.kind) {
    case 'jobs':
      return `${event.count} jobs come to ${event.queue}${event.delayMs === 0 ? '' : `, due in ${event.delayMs / 1000} s`}`;
    case 'heroku':
      return `Heroku: ${event.of === 'all' ? 'requests are' : 'each PATCH is'} ${faultWords(event.fault)}${lasting}`;
    case 'limit':
      return `Heroku allows ${event.count} dynos per ${event.per}${lasting}`;
    case 'others':
      return `other clients leave ${event.remaining} requests of the account's budget`;
    case 'redis':
      return `Redis is ${event.how}${lasting}`;
    case 'redis slow':
      return `Redis answers ${event.byMs} ms late${lasting}`;
    case 'failover':
      return `Redis fails over ${event.lostMs} ms later and loses what is written until then${event.keepsSockets ? '; the clock stays on the demoted node' : ''}`;
    case 'evict':
      return `Redis evicts ${event.keys}`;
    case 'plant':
      return `someone writes into ${event.key}: ${event.text}`;
    case 'clock stopped':
      return `the clock is stopped (SIGSTOP)${lasting}`;
    case 'clock killed':
      return `the clock is killed and starts again after ${event.forMs / 1000} s`;
    case 'clock replaced':
      return `a deploy: a new clock starts, the old one is asked to stop ${event.overlapMs / 1000} s later`;
    case 'clock restarted':
      return 'the clock is restarted';
    case 'clock skewed':
    case 'redis skewed':
    case 'dyno skewed':
      return `the time of ${event.kind.split(' ')[0]} is off by ${event.byMs / 1000} s${lasting}`;
    case 'dyno stopped':
      return `${event.type}.${event.ordinal} hangs${lasting}`;
    case 'dyno crashed':
      return `${event.type}.${event.ordinal} crashes, and is started again after ${event.forMs / 1000} s`;
    case 'workers deployed':
      return `${event.type} is deployed: all its dynos restart`;
    case 'release':
      return `the release phase runs${lasting}`;
    case 'maintenance':
      return `the app is in maintenance mode${lasting}`;
    case 'hand':
      return `a person sets ${event.type} to ${event.quantity}`;
    case 'paused':
      return `Drover is paused${lasting}${event.unbounded ? ', without an end set' : ''}`;
    case 'type gone':
      return `${event.type} leaves the Procfile${lasting} and returns at 0`;
    case 'queue paused':
      return `the queue ${event.queue} is paused${lasting}`;
    case 'queue capped':
      return `the queue ${event.queue} runs at most ${event.slots} jobs at once${lasting}`;
    default:
      return event satisfies never;
  }
}

function faultWords(fault: HerokuFault): string {
  switch (fault.how) {
    case 'late':
      return `carried out ${fault.byMs / 1000} s late`;
    case 'answer lost':
      return 'carried out, and the answer lost';
    case 'request lost':
      return 'lost';
    case 'twice':
      return `carried out at once and again after ${fault.byMs / 1000} s, and the answer lost`;
    case 'slow':
      return `carried out at once and answered after ${fault.byMs / 1000} s`;
    case 'refused':
      return `answered with ${fault.status}`;
    case 'rate limited':
      return `answered with 429 and Retry-After ${fault.retryAfterS}`;
    default:
      return fault satisfies never;
  }
}
