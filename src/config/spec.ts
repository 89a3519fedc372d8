import type { InferOutput } from 'valibot';

import { CLOCK } from './spec/clock.ts';
import { HEROKU } from './spec/heroku.ts';
import { KUBERNETES } from './spec/kubernetes.ts';
import { DASHBOARD, NOTIFICATIONS } from './spec/outside.ts';
import { PLATFORM } from './spec/platform.ts';
import { REDIS } from './spec/redis.ts';
import { SCALING } from './spec/scaling.ts';

/** Every setting by its block in `.env.example`, which a test writes from this. */
export const BLOCKS = {
  Redis: REDIS,
  Platform: PLATFORM,
  Heroku: HEROKU,
  Kubernetes: KUBERNETES,
  Scaling: SCALING,
  Clock: CLOCK,
  Dashboard: DASHBOARD,
  Notifications: NOTIFICATIONS,
} as const;

/** Every setting by its variable. */
export const SPEC = {
  ...REDIS,
  ...PLATFORM,
  ...HEROKU,
  ...KUBERNETES,
  ...SCALING,
  ...CLOCK,
  ...DASHBOARD,
  ...NOTIFICATIONS,
} as const;

export type SettingName = keyof typeof SPEC;
export type SettingValue<N extends SettingName> = InferOutput<(typeof SPEC)[N]['schema']>;
