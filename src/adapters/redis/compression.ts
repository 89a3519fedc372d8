import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

import * as v from 'valibot';

/** More than anything of ours comes to: we did not write what is longer. */
const LONGEST = 2_000_000;
/** What a list of values may come to together, unpacked: a process of 512 MB holds it as objects. */
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

/** What was packed, or undefined for anything that this version would not have written. */
export function decompress<T>(
  bytes: Buffer | null | undefined,
  schema: v.GenericSchema<unknown, T>,
): T | undefined {
  return inflated(bytes, schema).value;
}

/** The same for many, in their order; those that come after what a process can hold are undefined. */
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
    // What was too long was inflated up to there all the same.
    return { length: tooLong(thrown) ? LONGEST : length };
  }
}

function tooLong(thrown: unknown): boolean {
  return thrown instanceof RangeError && 'code' in thrown && thrown.code === 'ERR_BUFFER_TOO_LARGE';
}
