import { windowText } from './limits.ts';
import { MINUTES_A_DAY } from './wall-clock.ts';

/** For each minute of the week, whether it belongs to a set. */
type Minutes = readonly boolean[];
type Span = { readonly day: number; readonly fromMinute: number; readonly toMinute: number };

type Range = {
  readonly text: string;
  readonly minutes: Minutes;
  readonly count: number;
  readonly words: string;
};

/** How many ranges are tried as the one that is written last. */
const MOST_TRIED = 5;

/** The shortest LIMITS that say the same as a range for each minute of the week. */
export function weekText(week: readonly string[]): string {
  const ranges = [...new Set(week)].map((text) => {
    const minutes = week.map((other) => other === text);
    return { text, minutes, count: minutes.filter(Boolean).length, words: textOf(text, minutes) };
  });
  return ranges
    .toSorted((one, other) => other.words.length - one.words.length)
    .slice(0, MOST_TRIED)
    .map((last) => textWith(last, ranges))
    .reduce((one, other) => (other.length < one.length ? other : one));
}

/** Of windows that overlap the first listed wins, so one range may be written last, as the whole week. */
function textWith(last: Range, ranges: readonly Range[]): string {
  let decided: Minutes = last.minutes.map(() => false);
  // A short window may lie within a long one, which then need not be written as two.
  const listed = ranges.filter((range) => range !== last).toSorted((one, other) => one.count - other.count);
  const texts = listed.map(({ text, minutes }) => {
    const [whole, split] = [textOf(text, bridged(minutes, decided)), textOf(text, minutes)];
    decided = decided.map((before, minute) => before || minutes[minute] === true);
    return whole.length < split.length ? whole : split;
  });
  return [...texts, `mon-sun = ${last.text}`].join('; ');
}

function textOf(range: string, minutes: Minutes): string {
  const daysByHours = new Map<string, Span[]>();
  for (const span of spansOf(minutes)) {
    const hours = `${span.fromMinute}-${span.toMinute}`;
    daysByHours.set(hours, [...(daysByHours.get(hours) ?? []), span]);
  }
  return [...daysByHours.values()]
    .flatMap(([first, ...others]) =>
      first ? [{ ...first, days: [first, ...others].map(({ day }) => day).toSorted() }] : [],
    )
    .map((window) => `${windowText(window)} = ${range}`)
    .join('; ');
}

/** The set with those gaps filled that earlier windows decide. */
function bridged(set: Minutes, decided: Minutes): Minutes {
  const either = set.map((within, minute) => within || decided[minute] === true);
  const result = [...set];
  for (const { begin, length } of runsOf(either)) {
    const run = Array.from({ length }, (_, past) => (begin + past) % set.length);
    const own = run.filter((minute) => set[minute]);
    if (own.length === 0) continue;
    const inner = run.slice(run.indexOf(own[0] ?? 0), run.indexOf(own.at(-1) ?? 0));
    for (const minute of inner) result[minute] = true;
  }
  return result;
}

function spansOf(set: Minutes): Span[] {
  return runsOf(set)
    .flatMap((run) => (run.length < MINUTES_A_DAY ? [run] : cutAtMidnight(run)))
    .map(({ begin, length }) => ({
      day: Math.floor(begin / MINUTES_A_DAY),
      fromMinute: begin % MINUTES_A_DAY,
      toMinute: (begin + length) % MINUTES_A_DAY || MINUTES_A_DAY,
    }));
}

type Run = { readonly begin: number; readonly length: number };

/** The runs of a set that is not the whole week, over the week's end too. */
function runsOf(set: Minutes): Run[] {
  const begins = set.flatMap((within, minute) => (within && set.at(minute - 1) !== true ? [minute] : []));
  return begins.map((begin) => {
    let length = 1;
    while (set[(begin + length) % set.length] === true) length += 1;
    return { begin, length };
  });
}

function cutAtMidnight({ begin, length }: Run): Run[] {
  const today = MINUTES_A_DAY - (begin % MINUTES_A_DAY);
  if (length <= today) return [{ begin, length }];
  const tomorrow = { begin: (begin + today) % (7 * MINUTES_A_DAY), length: length - today };
  return [{ begin, length: today }, ...cutAtMidnight(tomorrow)];
}
