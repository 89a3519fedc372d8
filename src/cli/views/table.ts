import { sumOf } from '../../core/sum.ts';
import { widthOf } from './width.ts';
import { WIDTH, wrap } from './wrap.ts';

/** The least width of a shortened name, and of the remarks in the last column. */
const NAME_WIDTH = 16;
const REMARKS_WIDTH = 24;
const GAP = '  ';

/**
 * A table of 80 columns: the first and last column left-aligned, the others, which are numbers, right-aligned. A name
 * that is too long loses its middle, as either end may be what distinguishes it; remarks wrap in their column.
 */
export function table(rows: readonly (readonly string[])[]): string[] {
  const [names = 0, ...others] = columnWidths(rows);
  const remarks = others.pop() ?? 0;
  const numbers = sumOf(others, (width) => width) + GAP.length * (others.length + 1);
  const room = Math.max(NAME_WIDTH, WIDTH - numbers - Math.min(remarks, REMARKS_WIDTH));
  const nameWidth = Math.min(names, room);
  return rows.flatMap(([name = '', ...cells]) => {
    const last = cells.pop() ?? '';
    const shown = shortened(name, nameWidth);
    const columns = [
      shown + padding(shown, nameWidth),
      ...cells.map((cell, column) => padding(cell, others[column] ?? 0) + cell),
      '',
    ];
    return wrap(columns.join(GAP), last).map((line) => line.trimEnd());
  });
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  return widths;
}

function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text)));
}

function shortened(name: string, width: number): string {
  if (widthOf(name) <= width) return name;
  const characters = Array.from(name);
  // Fewer characters than columns where some are two columns wide.
  for (let kept = width - 1; kept > 0; kept -= 1) {
    const end = Math.floor(kept / 2);
    const text = `${characters.slice(0, kept - end).join('')}…${characters.slice(characters.length - end).join('')}`;
    if (widthOf(text) <= width) return text;
  }
  return '…';
}
