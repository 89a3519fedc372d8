import type { Clock } from '../../../src/ports.ts';

/** Time that moves only when something sleeps or the test moves it. */
export class FakeClock implements Clock {
  at = Date.UTC(2026, 0, 1);
  readonly slept: number[] = [];
  onSleep = (): void => {};

  now(): number {
    return this.at;
  }

  monotonicMs(): number {
    return this.at;
  }

  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    this.at += ms;
    this.onSleep();
    return Promise.resolve();
  }
}
