/**
 * Whether a queue's name matches a pattern in which `*` stands for any characters. Each part is searched from where the
 * one before it ended and never again, so no name can make it slow, as one can with a regular expression: anyone who may
 * add jobs chooses the names.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => name === first;
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last)) return false;
    const end = name.length - last.length;
    let from = first.length;
    // The leftmost place for a part leaves the most room to those after it.
    for (const part of rest) {
      const at = name.indexOf(part, from);
      if (at === -1) return false;
      from = at + part.length;
    }
    return from <= end;
  };
}
