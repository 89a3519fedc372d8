/** A record's own value: its keys are names that others chose, and a queue may be called `constructor`. */
export function ownProperty<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
