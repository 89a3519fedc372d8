import { readFileSync } from 'node:fs';

/** As Heroku asks of every client: the program and its version. The path is the same from `src` and from `dist`. */
export function userAgent(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return `drover/${(JSON.parse(text) as { version: string }).version}`;
}
