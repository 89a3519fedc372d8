import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

import * as v from 'valibot';

/** Longer than any value Drover writes. */
const LONGEST = 2_000_000;
/** Most characters of a list of values together: a process of 512 MB can hold them as objects. */
const LONGEST_LIST = 64_000_000;
const QUALITY = 5;

/** JSON in a fifth of its bytes. */
export function compress(value: unknown): Buffer {
  return brotliCompressSync(JSON.stringify(value), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    },
  });
}

/** The compressed value, or undefined for anything that this version would not have written. */
export function decompress<T>(
  bytes: Buffer | null | undefined,
  schema: v.GenericSchema<unknown, T>,
): T | undefined {
  return inflated(bytes, schema).value;
}

/** The same for a list, in its order; values beyond what a process can hold are undefined. */
export function decompressAll<T>(
  values: readonly (Buffer | null | undefined)[],
  schema: v.GenericSchema<unknown, T>,
): (T | undefined)[] {
  let left = LONGEST_LIST;
  return values.map((bytes) => {
    if (left <= 0) return undefined;
    const { value, length } = inflated(bytes, schema);
    left -= length;
    return value;
  });
}

function inflated<T>(
  bytes: Buffer | null | undefined,
  schema: v.GenericSchema<unknown, T>,
): { readonly value?: T | undefined; readonly length: number } {
  if (!bytes) return { length: 0 };
  let length = 0;
  try {
    const text = brotliDecompressSync(bytes, { maxOutputLength: LONGEST }).toString();
    length = text.length;
    const result = v.safeParse(schema, JSON.parse(text));
    return { value: result.success ? result.output : undefined, length };
  } catch (thrown) {
    // A value that is too long was inflated up to the limit before it failed.
    return { length: tooLong(thrown) ? LONGEST : length };
  }
}

function tooLong(thrown: unknown): boolean {
  return thrown instanceof RangeError && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE';
}
