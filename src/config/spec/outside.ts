import { keepsSecrets } from '../url.ts';
import { checked, flag, matching, whole, type Spec } from './kinds.ts';

export const DASHBOARD = {
  DASHBOARD: {
    ...flag,
    about: 'Whether `run` serves the dashboard too; `serve` always does.',
    default: 'false',
  },
  PORT: { ...whole(0, 65_535), about: 'The port of the dashboard.', default: '3000' },
  HOST: {
    ...matching(/^[\w.:[\]-]+$/, 'an address to listen on'),
    about: 'The address that the dashboard listens on.',
    default: '0.0.0.0',
  },
  DASHBOARD_TOKEN: {
    ...matching(
      /^[\x21-\x7E]{16,512}$/,
      'at least 16 printable characters without a space (openssl rand -hex 32)',
    ),
    about: 'Required unless HOST is a loopback address: openssl rand -hex 32',
    secret: 'all',
  },
} as const satisfies Record<string, Spec<unknown>>;

export const NOTIFICATIONS = {
  NOTIFY_URL: {
    ...checked(keepsSecrets, 'an https:// URL; http:// only on loopback'),
    about:
      'An https:// webhook that problems are reported to: of Slack, or any that accepts JSON. Test it with: drover notify --test',
    secret: 'all',
    perApp: true,
  },
} as const satisfies Record<string, Spec<unknown>>;
