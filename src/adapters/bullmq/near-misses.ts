import { editDistance } from '../../config/edit-distance.ts';

/** Most names offered. */
const MOST = 3;

/** Names compared at most: the rest of a Redis with more queues than that is not worth the wait. */
const MOST_COMPARED = 5_000;

/** The existing names a mistyped one may stand for, the nearest first. Case and separators weigh nothing. */
export function nearMisses(wanted: string, existing: Iterable<string>): string[] {
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const near: { name: string; distance: number }[] = [];
  let compared = 0;
  for (const name of existing) {
    if (++compared > MOST_COMPARED) break;
    if (Math.abs(name.length - wanted.length) > limit && !contains(name, wanted)) continue;
    const distance = contains(name, wanted) ? 1 : editDistance(plain(wanted), plain(name));
    if (distance <= limit) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return near.slice(0, MOST).map(({ name }) => name);
}

function contains(name: string, wanted: string): boolean {
  return wanted.length > 2 && plain(name).includes(plain(wanted));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_. ]/g, '');
}
