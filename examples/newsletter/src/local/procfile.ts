/** The command of each process type, split at spaces: the commands in this Procfile need no shell. */
export function parseProcfile(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [, type, command] = /^([A-Za-z0-9_-]+):\s*(.+?)\s*$/.exec(line) ?? [];
        if (type === undefined || command === undefined) throw new Error(`not a line of a Procfile: ${line}`);
        return [type, command.split(/\s+/)];
      }),
  );
}
