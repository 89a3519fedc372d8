import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** The width of a terminal unless it says otherwise. */
export const WIDTH = 80;

/** Wraps a line at 80 columns; its indentation is kept. */
export function folded(line: string): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrap(indent, line.slice(indent.length));
}

/** Wraps a text behind `head`, under its first word. A word that is too long is not broken. */
export function wrap(head: string, text: string, width = WIDTH): string[] {
  const indent = ' '.repeat(stringWidth(head));
  return wrapAnsi(text, Math.max(1, width - indent.length))
    .split('\n')
    .map((line, index) => (index === 0 ? head : indent) + line);
}
