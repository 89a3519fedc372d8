import { parseEnv } from 'node:util';

/** `drover run` in a Procfile, or the same in a checkout. */
const CLOCK_LINE = /^[-\w]+:.*(?:\bdrover|\bmain\.js)\s+run\b/m;

/** A `.env` with these values: lines that it has keep their place, others are added. Undefined: it has them all. */
export function mergedEnv(text: string, values: Readonly<Record<string, string>>): string | undefined {
  const existing = parseEnv(text);
  const changed = Object.entries(values).filter(([name, value]) => existing[name] !== value);
  if (changed.length === 0) return undefined;
  let merged = text;
  const added: string[] = [];
  for (const [name, value] of changed) {
    const line = `${name}=${quoted(value)}`;
    // The last of several lines is the one that is read.
    const lines = [
      ...merged.matchAll(new RegExp(String.raw`^[ \t]*(?:export[ \t]+)?${name}[ \t]*=.*$`, 'gm')),
    ];
    const last = lines.at(-1);
    if (last === undefined) added.push(line);
    else merged = merged.slice(0, last.index) + line + merged.slice(last.index + last[0].length);
  }
  return added.length === 0 ? merged : appended(merged, ['# Drover', ...added].join('\n'));
}

/** A Procfile with a process type for the clock. Undefined: it has one. */
export function withClock(text: string): string | undefined {
  if (CLOCK_LINE.test(text)) return undefined;
  const name = /^clock:/m.test(text) ? 'drover' : 'clock';
  return appended(text, `${name}: drover run`, '');
}

/** A `.gitignore` that has `.env`. */
export function withIgnoredEnv(text: string): string {
  return appended(text, '.env', '');
}

function appended(text: string, lines: string, gap = '\n'): string {
  if (text === '') return `${lines}\n`;
  return `${text.endsWith('\n') ? text : `${text}\n`}${gap}${lines}\n`;
}

/** As both Node and a shell read it. */
function quoted(value: string): string {
  if (/^[\w./:@%+,*=?&~-]*$/.test(value)) return value;
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}
