import { version } from '../../config/version.ts';

/** As Heroku asks of every client: the program and its version. */
export function userAgent(): string {
  return `drover/${version()}`;
}
