import type { Typed } from './terminal.ts';

/** A part of the page: words, and what was typed. */
export type Part = {
  readonly title: string;
  readonly text: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly typed: readonly Shown[];
};

/** `most`: lines of the output that are shown; the middle is left out. */
export type Shown = Typed & { readonly most?: number };

/** The page in Markdown: what took how long, then each command with what it printed. */
export function pageOf(introduction: string, parts: readonly Part[]): string {
  const typed = parts.flatMap((part) => part.typed);
  return [
    '# The first hour',
    '',
    introduction,
    '',
    '| at | command | takes |',
    '|--:|---|--:|',
    ...typed.map(
      ({ command, atMs, tookMs }) => `| ${minutes(atMs)} | \`${brief(command)}\` | ${span(tookMs)} |`,
    ),
    ...parts.flatMap(({ title, text, files = {}, typed: ofPart }) => [
      '',
      `## ${title}`,
      '',
      text,
      ...Object.entries(files).flatMap(([name, content]) => [
        '',
        `\`${name}\`:`,
        '',
        '```js',
        content.trimEnd(),
        '```',
      ]),
      ...ofPart.flatMap((each) => ['', '```console', ...lines(each), '```']),
    ]),
    '',
  ].join('\n');
}

function lines({ command, output, most = Infinity }: Shown): string[] {
  const all = output.trimEnd().split('\n');
  const left = all.length - most;
  const half = Math.ceil(most / 2);
  const shown =
    left <= 0
      ? all
      : [...all.slice(0, half), `… ${left} more lines …`, ...all.slice(all.length - (most - half))];
  return [...command.split('\n').map((line, index) => `${index === 0 ? '$' : '>'} ${line}`), ...shown];
}

/** The first line of a command, without what the table cannot hold. */
function brief(command: string): string {
  const [first = '', ...others] = command.split('\n');
  return others.length === 0 ? first : `${first.replace(/ *\\$/, '')} …`;
}

function minutes(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function span(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
