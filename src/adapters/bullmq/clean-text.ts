import { oneLine } from '../../config/mask.ts';

/** Longest name that is passed on; longer ones end in an ellipsis. */
const LONGEST = 200;

/**
 * A name from Redis, fit for a log, a terminal or a page: anybody who may add a job may choose it. Control and
 * direction characters are written as their code, so that no name can move a cursor or imitate another line.
 */
export function cleanText(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  return oneLine(short);
}
