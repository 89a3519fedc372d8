import { editDistance } from '../../config/edit-distance.ts';
import { oneLine } from '../../config/mask.ts';

/** Longer names are cut and end in an ellipsis. */
const LONGEST = 200;

/**
 * A name from Redis, safe for a log, a terminal or a page: anyone who may add a job can choose it. Control and
 * direction characters are escaped, so that no name can move a cursor or imitate another line.
 */
export function cleanText(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  return oneLine(short);
}

export function isPattern(name: string): boolean {
  return name.includes('*');
}

/**
 * Whether a queue's name matches a pattern in which `*` stands for any characters. The search for each part starts where
 * the previous part ended and never goes back, so no name can make it slow, as one can with a regular expression: anyone
 * who may add jobs can choose the names.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => name === first;
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    const end = name.length - last.length;
    let from = first.length;
    // The leftmost match of a part leaves the most room for the parts after it.
    for (const part of rest) {
      const at = name.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return from <= end;
  };
}

/** Most names suggested. */
const MOST_SUGGESTED = 3;

/** Bounds the time that a Redis with very many queues takes. */
const MOST_COMPARED = 5_000;

/** The existing names closest to a mistyped one, the closest first. Case and separators are ignored. */
export function nearMisses(mistyped: string, existing: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(mistyped.length / 3));
  const near: { name: string; distance: number }[] = [];
  let compared = 0;
  for (const name of existing) {
    if (++compared > MOST_COMPARED) break;
    if (Math.abs(name.length - mistyped.length) > limit && !contains(name, mistyped)) continue;
    const distance = contains(name, mistyped) ? 1 : editDistance(bare(mistyped), bare(name));
    if (distance <= limit) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, MOST_SUGGESTED).map(({ name }) => name);
}

function contains(name: string, part: string): boolean {
  return part.length > 2 && bare(name).includes(bare(part));
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[-_. ]/g, '');
}
