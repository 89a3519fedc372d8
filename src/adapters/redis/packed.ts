import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

import * as v from 'valibot';

/** More than anything of ours comes to; whoever wrote that, it was not us. */
const LONGEST = 8_000_000;
const QUALITY = 5;

/** JSON in a fifth of its bytes. */
export function packed(value: unknown): Buffer {
  return brotliCompressSync(JSON.stringify(value), {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    },
  });
}

/** What was packed, or undefined for anything that this version would not have written. */
export function unpacked<T>(
  bytes: Buffer | null | undefined,
  schema: v.GenericSchema<unknown, T>,
): T | undefined {
  if (!bytes) return undefined;
  try {
    const text = brotliDecompressSync(bytes, { maxOutputLength: LONGEST }).toString();
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
