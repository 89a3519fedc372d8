import { IntQueue } from './int-queue.ts';
import { TimeHeap } from './time-heap.ts';

/** One queue as BullMQ keeps it: lists of job ids. */
export class JobLists {
  readonly name: string;
  readonly wait = new IntQueue();
  readonly prioritized = new TimeHeap();
  /** The same jobs by age. Taken jobs are removed when they reach the top. */
  readonly prioritizedByAge = new TimeHeap();
  readonly delayed = new TimeHeap();
  active = 0;
  added = 0;

  constructor(name: string) {
    this.name = name;
  }
}
