import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What an app installs that uses Judoscale: its adapter takes BullMQ 4 or 5, and ioredis from the app. */
const PACKAGES = ['judoscale-bullmq@2.2.5', 'bullmq@5', 'ioredis@5'];

export type InstalledPackages = {
  /** Where `createRequire` finds them: the name of a file in their folder. */
  readonly anchor: string;
  remove(): void;
};

/**
 * Installs Judoscale's adapter in a temporary folder, outside the checkout: BullMQ 6 here is not in the range of its peer
 * dependency. Throws if npm fails.
 */
export function installJudoscale(): InstalledPackages {
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const args = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, ...PACKAGES];
    execFileSync('npm', args);
  } catch (cause) {
    remove();
    throw cause;
  }
  return { anchor: join(folder, 'index.js'), remove };
}
