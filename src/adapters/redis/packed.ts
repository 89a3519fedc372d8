import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

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
export function unpacked<T extends { readonly version: number }>(
  bytes: Buffer | null | undefined,
  version: T['version'],
): T | undefined {
  if (!bytes) return undefined;
  try {
    const text = brotliDecompressSync(bytes, { maxOutputLength: LONGEST }).toString();
    const value: unknown = JSON.parse(text);
    const ours =
      typeof value === 'object' && value !== null && 'version' in value && value.version === version;
    return ours ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
