import { expect } from 'vitest';

import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { Tick } from '../../src/control/outcome.ts';
import { reconcile, type Carried } from '../../src/control/reconcile.ts';
import { Failure } from '../../src/failure.ts';
import { resultOf, type Result } from './outcomes.ts';
import { backlog, InMemoryPorts, processType, queue } from './ports.ts';

export const TICK_MS = 10_000;

/** Heroku cannot be reached. */
export const lost = new Failure('HEROKU_UNREACHABLE', 'the connection was lost', 'Wait.');

/** Ports in memory, and ticks over them that carry on from one another. */
export class Reconciled extends InMemoryPorts {
  carried: Carried;

  /** Without settings, of one process type with the usual ones. */
  async tick(...settings: ProcessTypeSettings[]): Promise<Tick> {
    const types = settings.length > 0 ? settings : [processType()];
    const result = await reconcile(
      { ports: this.ports, tickMs: TICK_MS, signal: new AbortController().signal },
      types,
      this.carried,
    );
    this.carried = result.carried;
    return result.tick;
  }

  waiting(jobs: number): void {
    this.backlogs = [backlog({ queues: [queue({ waiting: jobs, added: jobs })] })];
  }
}

/** What became of the one process type. */
export function only(seen: Tick): Result {
  expect(seen.outcomes).toHaveLength(1);
  return resultOf(seen.outcomes[0]);
}
