import { isBase, keepsSecrets } from '../url.ts';
import { checked, list, matching, type Spec } from './kinds.ts';

const APP_NAME = /^[a-z][a-z0-9-]{1,28}[a-z0-9]$/;
const appName = matching(APP_NAME, 'the name of a Heroku app: 3 to 30 lower-case letters, digits and dashes');

/** Heroku's own pattern. */
const PROCESS_TYPE_NAME = /^[-\w]{1,128}$/;

export const HEROKU = {
  HEROKU_APP_NAME: {
    ...appName,
    about: 'The app to scale. On Heroku, dyno metadata sets it.',
    required: 'my-app',
  },
  TARGET_APP_NAME: {
    ...appName,
    about: 'Takes precedence over HEROKU_APP_NAME: for a Drover deployed as an app of its own.',
  },
  TARGET_APPS: {
    ...list(APP_NAME, 'names of Heroku apps, separated by commas'),
    about:
      'Several apps, each with a loop of its own: shop,blog. Takes precedence over TARGET_APP_NAME. Settings of an app may then carry a prefix: SHOP_QUEUES, SHOP_MAILER_MAX_WORKERS.',
  },
  HEROKU_API_KEY: {
    ...matching(
      /^[\x21-\x7E]{8,512}$/,
      'an API token of scope write (heroku authorizations:create -s write -d drover)',
    ),
    about:
      'An API token of scope write, for run, plan and check only: heroku authorizations:create -s write -d drover',
    required: 'HRKU-00000000-0000-0000-0000-000000000000',
    secret: 'all',
    perApp: true,
  },
  HEROKU_API_URL: {
    ...checked(
      (text) => keepsSecrets(text) && isBase(text),
      'an https:// URL without a user or a query; http:// only on loopback',
    ),
    about: 'Another Platform API, for tests.',
    default: 'https://api.heroku.com',
    secret: 'url',
    perApp: true,
  },
  PROCESS_TYPE: {
    ...matching(PROCESS_TYPE_NAME, "a process type of the app's Procfile"),
    about: 'The process type to scale, as named in the Procfile.',
    default: 'worker',
    perApp: true,
  },
  PROCESS_TYPES: {
    ...list(PROCESS_TYPE_NAME, "process types of the app's Procfile, separated by commas"),
    about:
      'Several process types: worker,mailer. QUEUES and the settings of the next block may then carry a prefix: MAILER_MAX_WORKERS.',
    perApp: true,
  },
} as const satisfies Record<string, Spec<unknown>>;
