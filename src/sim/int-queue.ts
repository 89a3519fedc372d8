/** A queue of whole numbers in a ring buffer: added at both ends, removed at the front. */
export class IntQueue {
  private ring = new Int32Array(64);
  private head = 0;
  private length = 0;

  get size(): number {
    return this.length;
  }

  /** The first; -1 when empty. */
  get first(): number {
    return this.length === 0 ? -1 : (this.ring[this.head] ?? -1);
  }

  /** The last; -1 when empty. */
  get last(): number {
    return this.length === 0 ? -1 : (this.ring[(this.head + this.length - 1) & (this.ring.length - 1)] ?? -1);
  }

  push(value: number): void {
    this.makeRoom();
    this.ring[(this.head + this.length) & (this.ring.length - 1)] = value;
    this.length += 1;
  }

  unshift(value: number): void {
    this.makeRoom();
    this.head = (this.head - 1) & (this.ring.length - 1);
    this.ring[this.head] = value;
    this.length += 1;
  }

  /** Removes the first and returns it; -1 when empty. */
  shift(): number {
    if (this.length === 0) return -1;
    const value = this.ring[this.head] ?? -1;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.length -= 1;
    return value;
  }

  /** The ring's length stays a power of two, so that its end is found by a mask. */
  private makeRoom(): void {
    if (this.length < this.ring.length) return;
    const larger = new Int32Array(this.ring.length * 2);
    larger.set(this.ring.subarray(this.head));
    larger.set(this.ring.subarray(0, this.head), this.ring.length - this.head);
    this.ring = larger;
    this.head = 0;
  }
}
