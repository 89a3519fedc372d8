import { widthOf } from './width.ts';

/** The width of a terminal unless it says otherwise. */
export const WIDTH = 80;

/** Wraps a line at 80 columns; its indentation is kept. */
export function folded(line: string): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrap(indent, line.slice(indent.length));
}

/** Wraps a text behind `head`, under its first word. A word that is too long is not broken. */
export function wrap(head: string, text: string, width = WIDTH): string[] {
  const indent = ' '.repeat(widthOf(head));
  const room = Math.max(1, width - indent.length);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || widthOf(longer) > room) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line, index) => (index === 0 ? head : indent) + line);
}
