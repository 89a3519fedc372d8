import { WIDTH, wrap } from './wrap.ts';

/** What a name that is too long keeps at least, and what is left for the words at the end of its row. */
const NAME_ROOM = 16;
const WORDS_ROOM = 24;
const GAP = '  ';

/**
 * A table of 80 columns for the terminal: the first and last column to the left, the others, which are numbers, to the
 * right. A long name in the first loses its middle, as both of its ends may be what tells it apart; words in the last go
 * on below themselves.
 */
export function table(rows: readonly (readonly string[])[]): string[] {
  const [first = 0, ...others] = widthsOf(rows);
  const words = others.pop() ?? 0;
  const numbers = others.reduce((sum, width) => sum + width, 0) + GAP.length * (others.length + 1);
  const room = Math.max(NAME_ROOM, WIDTH - numbers - Math.min(words, WORDS_ROOM));
  const nameWidth = Math.min(first, room);
  return rows.flatMap(([name = '', ...cells]) => {
    const last = cells.pop() ?? '';
    const columns = [
      shortened(name, nameWidth).padEnd(nameWidth),
      ...cells.map((cell, column) => cell.padStart(others[column] ?? 0)),
      '',
    ];
    return wrap(columns.join(GAP), last).map((line) => line.trimEnd());
  });
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return rows.reduce<number[]>(
    (widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  );
}

function shortened(name: string, room: number): string {
  if (name.length <= room) return name;
  const end = Math.floor((room - 1) / 2);
  return `${name.slice(0, room - 1 - end)}…${name.slice(name.length - end)}`;
}

/** 1,240. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** A span a person can read at a glance: 9 s, 3 min 5 s, 2 h 10 min. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
