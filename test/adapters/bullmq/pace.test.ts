import { setImmediate as settled } from 'node:timers/promises';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { pace, type Pace } from '../../../src/adapters/bullmq/pace.ts';

/** A Redis with a network time and a time per script, and its clock. Times in ms. */
class Far {
  nowMs = 0;
  networkMs: number;
  scriptMs: number;
  /** The longest that another client has had to wait for our scripts. */
  longestMs = 0;
  readonly #events: { at: number; happens: () => void }[] = [];
  #freeAt = 0;

  constructor(networkMs: number, scriptMs: number) {
    this.networkMs = networkMs;
    this.scriptMs = scriptMs;
  }

  readonly now = (): number => this.nowMs;

  readonly sleep = async (ms: number): Promise<void> => await this.#in(ms);

  async run(): Promise<void> {
    const arrivesAt = this.nowMs + this.networkMs / 2;
    this.#freeAt = Math.max(this.#freeAt, arrivesAt) + this.scriptMs;
    this.longestMs = Math.max(this.longestMs, this.#freeAt - arrivesAt);
    await this.#in(this.#freeAt + this.networkMs / 2 - this.nowMs);
  }

  /** Advances the clock until the work is done. */
  async until(work: Promise<unknown>): Promise<void> {
    let done = false;
    const ended = work.finally(() => (done = true));
    for (;;) {
      await settled();
      if (done) break;
      this.#events.sort((a, b) => a.at - b.at);
      const next = this.#events.shift();
      if (!next) throw new Error('no event is left');
      this.nowMs = next.at;
      next.happens();
    }
    await ended;
  }

  async #in(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#events.push({ at: this.nowMs + ms, happens: resolve });
    });
  }
}

/** Sends so many scripts and returns how long that took and how long another client had to wait. */
async function reading(
  far: Far,
  { begin, turn }: Pace,
  scripts: number,
): Promise<{ ms: number; longestMs: number }> {
  const from = far.nowMs;
  far.longestMs = 0;
  begin();
  const send = async (): Promise<void> => {
    const answers: Promise<void>[] = [];
    for (let sent = 0; sent < scripts; sent += 1) {
      const answered = await turn();
      answers.push(far.run().finally(answered));
    }
    await Promise.all(answers);
  };
  await far.until(send());
  return { ms: far.nowMs - from, longestMs: far.longestMs };
}

async function warm(far: Far, own: Pace, scripts = 60): Promise<void> {
  for (let tick = 0; tick < 25; tick += 1) await reading(far, own, scripts);
}

describe('paced scripts', () => {
  test.each([
    { name: 'on the same machine', networkMs: 0.1, scriptMs: 0.4 },
    { name: 'in the same region', networkMs: 1, scriptMs: 0.4 },
    { name: 'in the next region', networkMs: 20, scriptMs: 0.4 },
    { name: 'overseas', networkMs: 150, scriptMs: 0.4 },
    { name: 'on a slow server', networkMs: 20, scriptMs: 1.5 },
    { name: 'on a fast server', networkMs: 20, scriptMs: 0.15 },
  ])(
    '$name: take about as long as Redis works, and other clients wait for few of them',
    async ({ networkMs, scriptMs }) => {
      const far = new Far(networkMs, scriptMs);
      const own = pace(far);
      await warm(far, own);
      const { ms, longestMs } = await reading(far, own, 60);
      expect(ms).toBeLessThan(1.35 * (networkMs + 60 * scriptMs) + 2);
      expect(longestMs).toBeLessThan(4 + 4 * scriptMs);
    },
  );

  test('the first reading waits for one answer only', async () => {
    const far = new Far(20, 0.4);
    const { ms } = await reading(far, pace(far), 60);
    expect(ms).toBeLessThan(2 * 20 + 1.35 * 60 * 0.4 + 2);
  });

  test('a Redis that moves far away delays a few scripts, then none', async () => {
    const far = new Far(0.1, 0.4);
    const own = pace(far);
    await warm(far, own);
    far.networkMs = 100;
    expect((await reading(far, own, 60)).ms).toBeLessThan(8 * 100);
    await warm(far, own);
    expect((await reading(far, own, 60)).ms).toBeLessThan(2 * 100);
  });

  test('a Redis that comes close again is not flooded', async () => {
    const far = new Far(100, 0.4);
    const own = pace(far);
    await warm(far, own);
    far.networkMs = 0.1;
    expect((await reading(far, own, 60)).longestMs).toBeLessThan(10);
    await warm(far, own);
    expect((await reading(far, own, 60)).longestMs).toBeLessThan(2);
  });

  test('every script is sent, whatever the network and the server', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 300, noNaN: true }),
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 6 }),
        async (networkMs, scriptMs, ticks) => {
          const far = new Far(networkMs, scriptMs);
          const own = pace(far);
          for (const scripts of ticks) await reading(far, own, scripts);
          expect(far.nowMs).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});

test('an abandoned reading neither blocks the next one nor waits for ever', async () => {
  const { turn } = pace({ now: () => 0, sleep: async () => {} });
  const answered = await turn();
  const sent: string[] = [];
  const wait = async (name: string): Promise<void> => {
    const over = await turn();
    sent.push(name);
    over();
  };
  const both = Promise.all([wait('abandoned'), wait('next')]);
  await settled();
  expect(sent).toEqual([]);
  answered();
  await settled();
  expect(sent).toEqual(['abandoned', 'next']);
  await both;
});
