import { harmless, scrubber } from '../config/mask.ts';

/** Where a command prints. Secrets and control characters are removed from every text. */
export type Output = {
  /** The result, on stdout. */
  answer(text: string): void;
  /** Remarks on the result, on stderr. */
  note(text: string): void;
};

export function processOutput(secrets: readonly string[]): Output {
  const scrub = scrubber(secrets);
  const line = (text: string): string => `${harmless(scrub(text))}\n`;
  return {
    answer: (text) => void process.stdout.write(line(text)),
    note: (text) => void process.stderr.write(line(text)),
  };
}

/** The reader of our output may close it early (`drover plan | head -1`), which is no reason to crash. */
export function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
