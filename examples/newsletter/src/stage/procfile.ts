/** The command of each process type, as words. A Procfile of ours needs no shell. */
export function parseProcfile(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [, type, command] = /^([A-Za-z0-9_-]+):\s*(.+?)\s*$/.exec(line) ?? [];
        if (type === undefined || command === undefined) throw new Error(`not a Procfile's line: ${line}`);
        return [type, command.split(/\s+/)];
      }),
  );
}
