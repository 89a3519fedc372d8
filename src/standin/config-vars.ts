import { invalidParams } from './api-error.ts';

type ConfigVars = Readonly<Record<string, string>>;

/** The config vars after a PATCH of them: null removes one, what is not named stays. Throws an ApiError. */
export function updatedConfig(before: ConfigVars, changes: unknown): ConfigVars {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes))
    throw invalidParams('Require an object of config vars.');
  const after = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(changes) as [string, unknown][]) {
    if (value === null) after.delete(name);
    else if (typeof value === 'string') after.set(name, value);
    else throw invalidParams(`Require string or null: ${name}.`);
  }
  return Object.fromEntries(after);
}
