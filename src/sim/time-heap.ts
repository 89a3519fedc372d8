/** A binary heap of (time, id) pairs, earliest first, in flat arrays: millions of pushes make no garbage. */
export class TimeHeap {
  private times: Float64Array;
  private ids: Int32Array;
  private length = 0;

  constructor(capacity = 64) {
    this.times = new Float64Array(capacity);
    this.ids = new Int32Array(capacity);
  }

  get size(): number {
    return this.length;
  }

  /** Infinity when empty. */
  get nextAt(): number {
    return this.length === 0 ? Infinity : (this.times[0] ?? Infinity);
  }

  /** The id of the earliest; -1 when empty. */
  get nextId(): number {
    return this.length === 0 ? -1 : (this.ids[0] ?? -1);
  }

  push(at: number, id: number): void {
    if (this.length === this.times.length) this.grow();
    const { times, ids } = this;
    let hole = this.length;
    this.length += 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if ((times[parent] ?? 0) <= at) break;
      times[hole] = times[parent] ?? 0;
      ids[hole] = ids[parent] ?? 0;
      hole = parent;
    }
    times[hole] = at;
    ids[hole] = id;
  }

  /** Removes the earliest and returns its id; -1 when empty. */
  pop(): number {
    if (this.length === 0) return -1;
    const { times, ids } = this;
    const id = ids[0] ?? -1;
    this.length -= 1;
    const { length } = this;
    const at = times[length] ?? 0;
    const last = ids[length] ?? 0;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      if (child + 1 < length && (times[child + 1] ?? 0) < (times[child] ?? 0)) child += 1;
      if ((times[child] ?? 0) >= at) break;
      times[hole] = times[child] ?? 0;
      ids[hole] = ids[child] ?? 0;
      hole = child;
    }
    times[hole] = at;
    ids[hole] = last;
    return id;
  }

  /** How many pairs are no later than `until`. The heap order limits the walk to about twice the result. */
  countUntil(until: number, root = 0): number {
    if (root >= this.length || (this.times[root] ?? Infinity) > until) return 0;
    return 1 + this.countUntil(until, 2 * root + 1) + this.countUntil(until, 2 * root + 2);
  }

  private grow(): void {
    const times = new Float64Array(this.times.length * 2);
    const ids = new Int32Array(times.length);
    times.set(this.times);
    ids.set(this.ids);
    this.times = times;
    this.ids = ids;
  }
}
