import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** At the end of a run says what its skipped tests need: a note given to `skip`, or `(needs …)` in a title. */
export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const needs = new Map<string, number>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const need = needOf(test);
        if (need !== undefined) needs.set(need, (needs.get(need) ?? 0) + 1);
      }
    }
    for (const [need, count] of needs)
      console.log(`      Skipped  ${count} test${count === 1 ? '' : 's'}: ${need}`);
  }
}

/** Undefined for a test that was not chosen to run, by its name or by `only`. */
function needOf(test: TestCase): string | undefined {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return note ?? /\((needs .*?)\)/.exec(test.fullName)?.[1];
}
