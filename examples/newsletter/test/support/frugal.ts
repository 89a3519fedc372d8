import type { Store } from '../../src/store/store.ts';

/** The same query over and over, with another id each time: an N+1. */
export class RepeatedQuery extends Error {
  override readonly name = 'RepeatedQuery';
}

/** A store for one request, which refuses a text that it was given more than `most` times. */
export function frugal(store: Store, most: number): Store {
  const times = new Map<string, number>();
  return {
    ...store,
    query: async (text, values) => {
      times.set(text, (times.get(text) ?? 0) + 1);
      if ((times.get(text) ?? 0) > most) throw new RepeatedQuery(text);
      return await store.query(text, values);
    },
  };
}
