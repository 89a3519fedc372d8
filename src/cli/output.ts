import { harmless, scrubber } from '../config/mask.ts';

/** Where a command's words go. Secrets are struck out of everything on its way, whoever let them in. */
export type Output = {
  /** The answer: stdout. */
  answer(text: string): void;
  /** About the answer: stderr. */
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

/** Whoever reads our output may go away (`drover plan | head -1`): no reason to crash. */
export function tolerateClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
