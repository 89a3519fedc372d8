/** Nothing came for so long that there is nothing left to say. */
export class RanDry extends Error {
  override readonly name = 'RanDry';
  readonly code = 'REPORT_RAN_DRY';
}

/**
 * Passes text on so that there is never a silence, and never a byte that does not belong: of what has come, the last
 * line is held back, and while nothing more comes it goes out a character at each beat. A router that waits for a byte
 * every 55 s gets one; a CSV begins with its header, letter by letter if need be. Throws RanDry when a whole line is
 * used up: 40 letters of header at a beat of 5 s are 3 min 20 s.
 */
export async function* drip(texts: AsyncIterable<string>, beatMs: number): AsyncGenerator<string> {
  const source = texts[Symbol.asyncIterator]();
  let held: string[] = [];
  try {
    let next = source.next();
    for (;;) {
      const result = await orBeat(next, beatMs);
      if (result === 'beat') {
        const character = held.shift();
        // The last one is the end of the line: once that is gone the client could take the file for whole.
        if (character === undefined || held.length === 0) throw new RanDry('no row came in time');
        yield character;
      } else if (result.done) {
        yield held.join('');
        return;
      } else {
        const at = startOfLastLine(result.value);
        const ready = held.join('') + result.value.slice(0, at);
        if (ready !== '') yield ready;
        // By characters, not code units: half a surrogate pair is no text.
        held = Array.from(result.value.slice(at));
        next = source.next();
      }
    }
  } finally {
    // Not awaited: it may be waiting for a chunk that never comes.
    void source.return?.().catch(() => {});
  }
}

function startOfLastLine(text: string): number {
  return text.lastIndexOf('\n', text.length - 2) + 1;
}

async function orBeat<T>(work: Promise<T>, beatMs: number): Promise<T | 'beat'> {
  let timer: NodeJS.Timeout | undefined;
  const beat = new Promise<'beat'>((resolve) => {
    timer = setTimeout(resolve, beatMs, 'beat' as const);
  });
  try {
    return await Promise.race([work, beat]);
  } finally {
    clearTimeout(timer);
  }
}
