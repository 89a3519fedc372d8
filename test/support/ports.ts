import type { Foreseen } from '../../src/core/foreseen.ts';
import type { Forgettable } from '../../src/core/beliefs.ts';
import type { WorkersReading, DrainStep } from '../../src/core/drain.ts';
import type { Takeable } from '../../src/core/outgrown.ts';
import type { QueueObservation } from '../../src/core/types.ts';
import type { NumberedWorkers, WorkerNaming } from '../../src/core/worker-naming.ts';
import { HEROKU } from '../../src/adapters/heroku/platform.ts';
import { Failure } from '../../src/failure.ts';
import type { ProcessTypeSettings } from '../../src/config/settings.ts';
import type { Backlog, LeaseState, Pause, Ports, Remembered } from '../../src/ports.ts';
import type { FormationState, ObservedLimit, Resize, Resized, Standstill } from '../../src/ports/platform.ts';

/** A process type with the contract's defaults, but for what a test is about. */
export function processType(overrides: Partial<ProcessTypeSettings> = {}): ProcessTypeSettings {
  return {
    processType: 'worker',
    queues: ['mail'],
    dynoSize: undefined,
    min: 0,
    max: 50,
    jobsPerWorker: 100,
    maxWaitMs: undefined,
    concurrency: 1,
    bootMs: 30_000,
    scaleDownDelayMs: 60_000,
    manualHoldMs: 600_000,
    drainTimeoutMs: undefined,
    maxStepUp: undefined,
    maxStepDown: undefined,
    ...overrides,
  };
}

export function queue(overrides: Partial<QueueObservation> = {}): QueueObservation {
  return {
    name: 'mail',
    waiting: 0,
    prioritized: 0,
    due: 0,
    dueSoon: 0,
    active: 0,
    added: 0,
    paused: false,
    ...overrides,
  };
}

export function backlog(overrides: Partial<Backlog> = {}): Backlog {
  return { queues: [queue()], unreadable: [], holders: new Map(), holdersComplete: true, ...overrides };
}

function takeableIn({ queues }: Backlog): Takeable {
  return new Map(
    queues.map(({ name, paused, waiting, prioritized, due }) => [
      name,
      paused ? 0 : waiting + prioritized + due,
    ]),
  );
}

/** The names of Cedar's dynos. */
export function cedar(
  type: string,
  others: Pick<FormationState['others'], 'keys'> = new Map(),
): NumberedWorkers {
  const otherPrefixes = [...others.keys()].map((other) => `${other}.`);
  return { kind: 'numbered', prefix: `${type}.`, base: 1, first: 1, otherPrefixes };
}

export const broken = new Failure('REDIS_UNREACHABLE', 'Redis cannot be reached', 'Look at it.');

/** Ports in memory that a test sets and looks at. Time stands still unless `at` is moved or something sleeps. */
export class InMemoryPorts {
  at = 1_000_000;
  quantity = 3;
  size = 'Standard-1X';
  others: ReadonlyMap<string, number> = new Map();
  /** Absent: as Cedar numbers dynos. */
  naming: WorkerNaming | undefined;
  limit: ObservedLimit | undefined;
  readonly unmarked: string[][] = [];
  backlogs: (Backlog | Failure)[] | Failure = [backlog()];
  formationFailure: Failure | undefined;
  standstill: Standstill | undefined;
  standstillsAsked = 0;
  resizeAnswer: ((resize: Resize) => Resized) | undefined;
  held: LeaseState = 'kept';
  leaseFailure: Failure | undefined;
  confirmFailure: Failure | undefined;
  saveFailure: Failure | undefined;
  pause: Pause | Failure | undefined;
  readonly forget: Forgettable[] = [];
  kept: ReadonlyMap<string, Remembered> = new Map();
  readonly resizes: Resize[] = [];
  workers: WorkersReading = { reports: [] };
  workersFailure: Failure | undefined;
  workersWriteFailure: Failure | undefined;
  requestCurrent = true;
  readonly steps: (DrainStep & { forMs: number })[] = [];
  /** Everything that was written, in its order. */
  readonly log: string[] = [];
  reads = 0;
  peeks = 0;
  peekFailure: Failure | undefined;
  loads = 0;
  foreseen: Foreseen | undefined;

  get ports(): Ports {
    return {
      clock: {
        now: () => this.at,
        monotonicMs: () => this.at,
        sleep: async (ms) => {
          this.at += ms;
        },
      },
      backlog: {
        read: async () => {
          this.reads += 1;
          if (this.backlogs instanceof Failure) throw this.backlogs;
          return this.backlogs.map((entry) => {
            if (entry instanceof Failure) throw entry;
            return entry;
          });
        },
        peek: async () => {
          this.peeks += 1;
          if (this.peekFailure) throw this.peekFailure;
          return [this.backlogs].flat().map((entry) => {
            if (entry instanceof Failure) throw entry;
            return takeableIn(entry);
          });
        },
      },
      formation: {
        platform: HEROKU,
        read: async (processTypes) => {
          const state = (name: string): FormationState => ({
            processType: name,
            quantity: this.quantity,
            size: this.size,
            others: this.others,
            readAt: this.at,
            naming: this.naming ?? cedar(name, this.others),
            limit: this.limit,
          });
          return new Map(processTypes.map((name) => [name, this.formationFailure ?? state(name)]));
        },
        requestsLeft: () => undefined,
        unmark: async (_processType, names) => {
          this.unmarked.push([...names]);
        },
        standstill: async () => {
          this.standstillsAsked += 1;
          return this.standstill;
        },
        resize: async (resize) => {
          this.resizes.push(resize);
          this.log.push('resize');
          const answer: Resized = this.resizeAnswer?.(resize) ?? {
            kind: 'resized',
            answered: true,
            quantity: resize.to,
            size: this.size,
          };
          if ('quantity' in answer) this.quantity = answer.quantity;
          return answer;
        },
      },
      lease: {
        acquire: async () => {
          if (this.leaseFailure) throw this.leaseFailure;
          return this.held;
        },
        confirm: async () => {
          if (this.confirmFailure) throw this.confirmFailure;
        },
        release: async () => {},
      },
      workers: {
        read: async () => {
          if (this.workersFailure) throw this.workersFailure;
          return new Map([['worker', this.workers]]);
        },
        write: async ({ step, forMs }) => {
          if (this.workersWriteFailure) throw this.workersWriteFailure;
          this.log.push(step.kind);
          this.steps.push({ ...step, forMs });
          return this.requestCurrent;
        },
      },
      forget: {
        take: async () => this.forget.splice(0),
      },
      foresight: { of: () => this.foreseen },
      pause: {
        read: async () => {
          if (this.pause instanceof Failure) throw this.pause;
          return this.pause;
        },
      },
      store: {
        load: async () => {
          this.loads += 1;
          return this.kept;
        },
        save: async (remembered) => {
          if (this.saveFailure) throw this.saveFailure;
          this.kept = new Map([...this.kept, ...remembered]);
        },
        end: async (remembered) => {
          this.kept = remembered;
        },
      },
    };
  }
}
