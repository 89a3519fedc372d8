import { connect } from 'node:net';

import { pass, warn, type Check } from './check.ts';

const TIMEOUT_MS = 3000;

/** Whether something listens where notices are sent. Connects, and sends nothing. */
export async function checkNotify(notifyUrl: string | undefined): Promise<Check[]> {
  if (notifyUrl === undefined) return [];
  const { hostname, port, protocol } = new URL(notifyUrl);
  const refused = await connectionError(
    hostname.replace(/^\[|\]$/g, ''),
    Number(port) || (protocol === 'https:' ? 443 : 80),
  );
  if (refused === undefined) return [pass('NOTIFY_URL', 'its host can be reached')];
  return [
    warn(
      'NOTIFY_URL',
      `its host cannot be reached (${refused}): problems are logged, and no one is notified`,
      'Correct NOTIFY_URL, then send a test message: drover notify --test.',
    ),
  ];
}

/** The error code of the system; undefined for a connection that opens. */
async function connectionError(host: string, port: number): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const end = (code?: string): void => {
      socket.destroy();
      resolve(code);
    };
    socket
      .once('connect', () => end())
      .once('timeout', () => end('ETIMEDOUT'))
      .once('error', (error) => end('code' in error ? String(error.code) : 'unknown'));
  });
}
