import { TimeHeap } from './time-heap.ts';

/** What happens in a simulation besides the arrival of jobs; the comment says what the event's id is. */
export const EventKind = {
  /** A job. */
  attemptEnds: 0,
  /** A worker. */
  workerBoots: 1,
  /** A worker. */
  workerIsKilled: 2,
  /** A job. */
  stalledCheck: 3,
  /** None: a delayed job falls due, or a rate limiter opens. */
  jobsBecomeTakeable: 4,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** Kind and id share one number, so that millions of events make no garbage. */
const KINDS = 8;

/** Future events of a simulation, earliest first. */
export class EventQueue {
  private readonly heap = new TimeHeap(1024);

  /** Infinity when empty. */
  get nextAt(): number {
    return this.heap.nextAt;
  }

  schedule(at: number, kind: EventKind, id = 0): void {
    this.heap.push(at, id * KINDS + kind);
  }

  /** Removes the earliest event. `handle` receives its kind and id. */
  pop(handle: (kind: EventKind, id: number) => void): void {
    const event = this.heap.pop();
    handle((event % KINDS) as EventKind, Math.floor(event / KINDS));
  }
}
