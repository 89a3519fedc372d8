import { expect, test, vi } from 'vitest';

import { shutdownTiming } from '../../src/worker/grace-period.ts';

test.each([
  { name: 'none', seconds: undefined, closeTimeoutMs: 27_000, warns: false },
  { name: 'ten minutes', seconds: 600, closeTimeoutMs: 597_000, warns: false },
  { name: 'too short to wait for jobs', seconds: 2, closeTimeoutMs: 0, warns: false },
  { name: 'zero', seconds: 0, closeTimeoutMs: 27_000, warns: true },
  { name: 'negative', seconds: -5, closeTimeoutMs: 27_000, warns: true },
  { name: 'no number', seconds: Number.NaN, closeTimeoutMs: 27_000, warns: true },
  { name: 'longer than a timer waits', seconds: Infinity, closeTimeoutMs: 1_999_997_000, warns: true },
])('a grace period that is $name', ({ seconds, closeTimeoutMs, warns }) => {
  const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  expect(shutdownTiming(seconds)).toEqual({ closeTimeoutMs, handBackDelayMs: 10_000 });
  expect(warning).toHaveBeenCalledTimes(warns ? 1 : 0);
  warning.mockRestore();
});
