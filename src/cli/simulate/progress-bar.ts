import type { WriteStream } from 'node:tty';

const WIDTH = 30;

export type ProgressBar = { progress(share: number): void; done(): void };

/** A bar on one line, erased at the end; nothing unless `out` is a terminal. */
export function progressBar(out: WriteStream): ProgressBar {
  if (!out.isTTY) return { progress: () => {}, done: () => {} };
  let shown = -1;
  return {
    progress(share) {
      const percent = Math.floor(100 * share);
      if (percent === shown) return;
      shown = percent;
      const full = Math.round(WIDTH * share);
      out.write(`\r${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(percent).padStart(3)} %`);
    },
    done: () => void out.write('\r\u001B[K'),
  };
}
