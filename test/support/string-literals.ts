/** A piece of text, and the line on which it begins, from 1 on. */
export type TextAt = { readonly line: number; readonly text: string };

/** After one of these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEXP = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|=>|\b(?:return|typeof|case|in|of|do|else))\s*$/;
const ESCAPE = '\\';

/**
 * The string and template literals of a JavaScript or TypeScript file. What stands between `${` and `}` of a template is
 * code, and its strings are literals of their own. Throws where a literal does not end: it would have lost its place.
 */
export function stringLiterals(source: string): TextAt[] {
  const found: TextAt[] = [];
  codeUntil(source, 0, undefined, found);
  return found.toSorted((a, b) => a.line - b.line);
}

/** Reads code up to the closing brace of a template's expression, or to the end; answers where it stopped. */
function codeUntil(source: string, start: number, end: '}' | undefined, found: TextAt[]): number {
  let depth = 0;
  for (let at = start; at < source.length; at += 1) {
    const char = source[at];
    const next = source[at + 1];
    if (char === '/' && next === '/') at = endOf(source, '\n', at + 2) - 1;
    else if (char === '/' && next === '*') at = endOf(source, '*/', at + 2) + 1;
    else if (char === '/' && BEFORE_REGEXP.test(source.slice(Math.max(start, at - 60), at)))
      at = regexpEnd(source, at + 1);
    else if (char === "'" || char === '"') at = quoted(source, at, char, found);
    else if (char === '`') at = template(source, at, found);
    else if (char === '{') depth += 1;
    else if (char === '}' && depth > 0) depth -= 1;
    else if (char === end) return at;
  }
  if (end !== undefined) throw lost(source, start);
  return source.length;
}

function quoted(source: string, start: number, quote: string, found: TextAt[]): number {
  for (let at = start + 1; at < source.length && source[at] !== '\n'; at += 1) {
    if (source[at] === ESCAPE) at += 1;
    else if (source[at] === quote) {
      found.push({ line: lineOf(source, start), text: source.slice(start + 1, at) });
      return at;
    }
  }
  throw lost(source, start);
}

function template(source: string, start: number, found: TextAt[]): number {
  let text = '';
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === '`') {
      found.push({ line: lineOf(source, start), text });
      return at;
    }
    if (source[at] === '$' && source[at + 1] === '{') {
      at = codeUntil(source, at + 2, '}', found);
      text += '…';
    } else {
      text += source[at];
      if (source[at] === ESCAPE) text += source[(at += 1)] ?? '';
    }
  }
  throw lost(source, start);
}

/** In brackets a slash does not end it. */
function regexpEnd(source: string, start: number): number {
  let inBrackets = false;
  for (let at = start; at < source.length && source[at] !== '\n'; at += 1) {
    const char = source[at];
    if (char === ESCAPE) at += 1;
    else if (char === '[') inBrackets = true;
    else if (char === ']') inBrackets = false;
    else if (char === '/' && !inBrackets) return at;
  }
  throw lost(source, start);
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at === -1 ? source.length : at;
}

function lineOf(source: string, at: number): number {
  return source.slice(0, at).split('\n').length;
}

function lost(source: string, at: number): Error {
  return new Error(`a literal that begins in line ${lineOf(source, at)} does not end`);
}
