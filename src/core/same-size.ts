/** Whether two names mean the same size: one platform generation spells `Standard-1X`, the other in lower case. */
export function sameSize(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
