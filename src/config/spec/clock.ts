import { validateDetailed } from 'node-cron';
import * as v from 'valibot';

import { LOG_LEVELS, type Mode } from '../settings.ts';
import { checked, flag, type Spec } from './kinds.ts';

const MODES = { true: 'dry-run', false: 'act', shadow: 'shadow' } as const satisfies Record<string, Mode>;

export const CLOCK = {
  SCHEDULE: {
    ...checked(
      (text) => validateDetailed(text).valid,
      'a cron expression of 5 fields, or of 6 that begin with the seconds',
    ),
    about: 'When to tick: a cron expression that begins with the seconds.',
    default: '*/10 * * * * *',
    perApp: true,
  },
  TIME_ZONE: {
    ...checked(isTimeZone, 'an IANA time zone such as Europe/Berlin'),
    about: 'The IANA time zone of SCHEDULE and LIMITS.',
    default: 'UTC',
    perApp: true,
  },
  DRY_RUN: {
    schema: v.pipe(
      v.string(),
      v.picklist(['true', 'false', 'shadow']),
      v.transform((text) => MODES[text]),
    ),
    allowed: 'true, false or shadow',
    about:
      'true: decide and log only; write nothing. shadow: change nothing on the platform, and keep what would have been done for status and report.',
    default: 'false',
    perApp: true,
  },
  LOG_LEVEL: {
    schema: v.pipe(v.string(), v.picklist(LOG_LEVELS)),
    allowed: `one of ${LOG_LEVELS.join(', ')}`,
    about: 'fatal, error, warn, info, debug, trace or silent.',
    default: 'info',
  },
  LOG_SAMPLES: {
    ...flag,
    about: 'Print a line of sample# figures at each tick, for log drains.',
    default: 'false',
  },
} as const satisfies Record<string, Spec<unknown>>;

function isTimeZone(text: string): boolean {
  // The default takes no first use of Intl, which is slow.
  if (text === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
