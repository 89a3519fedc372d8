/** Hash slots of a cluster. */
const SLOTS = 16_384;

/** CRC-16/XMODEM, polynomial 0x1021: what Redis Cluster's specification names for its slots. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** The slot of a key on a cluster: of what stands between the first `{` and the next `}`, else of all of it. */
export function hashSlot(key: string): number {
  let crc = 0;
  for (const byte of Buffer.from(hashTag(key) ?? key)) {
    crc = ((crc << 8) ^ (TABLE[((crc >> 8) ^ byte) & 0xff] ?? 0)) & 0xffff;
  }
  return crc % SLOTS;
}

/** The part of a key that alone decides its slot, where it has one. */
export function hashTag(key: string): string | undefined {
  const from = key.indexOf('{');
  const to = key.indexOf('}', from + 1);
  return from >= 0 && to > from + 1 ? key.slice(from + 1, to) : undefined;
}
