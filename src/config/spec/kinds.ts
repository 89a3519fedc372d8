import * as v from 'valibot';

import { grouped } from '../../core/words.ts';

/** How the text of a variable becomes a value. */
export type Kind<T> = {
  /** Fails for a text that is not allowed. */
  readonly schema: v.GenericSchema<string, T>;
  /** Completes the sentence "X must be …". */
  readonly allowed: string;
  /** What is wrong with a text that is not allowed, where that says more than `allowed`. */
  readonly problem?: (text: string) => string;
};

/** One setting. */
export type Spec<T> = Kind<T> & {
  /** The comment in `.env.example`. */
  readonly about: string;
  /** As written in the environment; absent: unset. */
  readonly default?: string;
  /** Required, with the value that `.env.example` shows. */
  readonly required?: string;
  /** May carry a process type's prefix: `MAILER_MAX_WORKERS`. */
  readonly perType?: true;
  /** May carry an app's prefix: `SHOP_REDIS_URL`. So may all that are `perType`. */
  readonly perApp?: true;
  /** Never printed. `url`: printed without its password and query. */
  readonly secret?: 'all' | 'url';
};

export function matching(pattern: RegExp, allowed: string): Kind<string> {
  return { schema: v.pipe(v.string(), v.regex(pattern)), allowed };
}

export function checked(isAllowed: (text: string) => boolean, allowed: string): Kind<string> {
  return { schema: v.pipe(v.string(), v.check(isAllowed)), allowed };
}

export function whole(least: number, most: number): Kind<number> {
  return {
    schema: v.pipe(v.string(), v.regex(/^\d+$/), v.transform(Number), v.minValue(least), v.maxValue(most)),
    allowed: `a whole number from ${grouped(least)} to ${grouped(most)}`,
  };
}

/** Seconds in the environment, milliseconds in the code. At most a day: more is likely a wrong unit. */
export function seconds(least: number): Kind<number> {
  return {
    schema: v.pipe(
      v.string(),
      v.regex(/^\d+(\.\d+)?$/),
      v.transform((text) => Number(text) * 1000),
      v.minValue(least * 1000),
      v.maxValue(86_400_000),
    ),
    allowed: `a number of seconds from ${least} to 86,400`,
  };
}

/** A share in percent. */
export function percent(least: number, most: number): Kind<number> {
  return {
    schema: v.pipe(
      v.string(),
      v.regex(/^\d+(\.\d+)?$/),
      v.transform(Number),
      v.minValue(least),
      v.maxValue(most),
    ),
    allowed: `a percentage from ${least} to ${most}`,
  };
}

export const flag: Kind<boolean> = {
  schema: v.pipe(
    v.string(),
    v.picklist(['true', 'false']),
    v.transform((text) => text === 'true'),
  ),
  allowed: 'true or false',
};

/** Parts separated by commas, at least one, each of which matches. */
export function list(part: RegExp, allowed: string): Kind<string[]> {
  return {
    schema: v.pipe(
      v.string(),
      v.transform(parts),
      v.array(v.pipe(v.string(), v.regex(part))),
      v.minLength(1),
    ),
    allowed,
  };
}

function parts(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
