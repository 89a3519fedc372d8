import { readFileSync } from 'node:fs';

let known: string | undefined;

/** The version of this package. It is found by name, as the bundle is not at the depth of the sources. */
export function version(): string {
  known ??= readVersion();
  return known;
}

function readVersion(): string {
  const text = readFileSync(new URL(import.meta.resolve('drover/package.json')), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
