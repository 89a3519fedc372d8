import * as fc from 'fast-check';

/** Texts that have broken something somewhere: markup, escapes, directions, keys of objects, and what is just long. */
const NASTY: readonly string[] = [
  '',
  '__proto__',
  'constructor',
  'toString',
  '<img src=x onerror="alert(1)">',
  '</script><script>alert(1)</script>',
  '\u001B[2J\u001B[31mred',
  '\r\n\r\nHTTP/1.1 200 OK',
  '\u202Egnp.exe',
  '\u0000',
  '\uD800',
  '${jndi:ldap://x}',
  "'; DROP TABLE jobs; --",
  '../../etc/passwd',
  'NaN',
  'Infinity',
  '-1',
  '1e309',
  '9007199254740993',
  'x'.repeat(100_000),
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
);

export const hostileNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 0.5, 1e9, 1e15, 1e16, 1e300, Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Anything that JSON can say. */
export const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  fc.constantFrom(null, true, false, [], {}),
  fc.jsonValue({ maxDepth: 3 }),
);

/** A valid value with something in it replaced, taken away, or put beside it: what a parser is most likely to take. */
export function mutated(valid: unknown): fc.Arbitrary<unknown> {
  return fc
    .array(
      fc.record({ seed: fc.nat(), how: fc.constantFrom('replace', 'remove', 'add'), value: hostileJson }),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((changes) =>
      changes.reduce((value: unknown, change) => mutate(value, change), structuredClone(valid)),
    );
}

type Mutation = { readonly seed: number; readonly how: string; readonly value: unknown };

function mutate(root: unknown, { seed, how, value }: Mutation): unknown {
  const places: { parent: Record<string, unknown>; key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ parent: node as Record<string, unknown>, key });
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  const place = places[seed % Math.max(1, places.length)];
  if (!place) return value;
  if (how === 'remove' && Array.isArray(place.parent)) place.parent.splice(Number(place.key), 1);
  else if (how === 'remove') delete place.parent[place.key];
  else if (how === 'add' && !Array.isArray(place.parent)) {
    // As JSON.parse would: an own property, whatever it is called.
    Object.defineProperty(place.parent, '__proto__', {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else place.parent[place.key] = value;
  return root;
}

/** A valid text with a stretch of it replaced. */
export function mutatedText(valid: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(valid.length), fc.nat(valid.length), hostileText)
    .map(([a, b, more]) => valid.slice(0, Math.min(a, b)) + more + valid.slice(Math.max(a, b)));
}
