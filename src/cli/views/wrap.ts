/** What every terminal has. */
export const WIDTH = 80;

/** A sentence on as many lines of 80 columns as it needs, the further ones as far in as the first. */
export function folded(line: string): string[] {
  const margin = /^ */.exec(line)?.[0] ?? '';
  return line.length <= WIDTH ? [line] : wrap(margin, line.slice(margin.length));
}

/** Words on as many lines as they need, the further ones below the first word. */
export function wrap(head: string, words: string, width = WIDTH): string[] {
  const lines: string[] = [];
  let line = head;
  for (const word of words.split(' ')) {
    const longer = line.trim() === '' || line === head ? line + word : `${line} ${word}`;
    if (longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = ' '.repeat(head.length) + word;
    }
  }
  return [...lines, line];
}
