import { isSet, prefixOf, type Environment } from './environment.ts';
import { nearMiss } from './near-miss.ts';
import type { Problem } from './settings.ts';
import { SPEC } from './spec.ts';

const NAMES = Object.keys(SPEC);

/** Shorter names are left alone: other programs use them too. */
const SHORTEST_MISSPELLED = 9;

/** Variables that are likely meant for Drover and are not read. `several`: PROCESS_TYPES, where it is set. */
export function hintsFor(
  env: Environment,
  several: readonly string[] | undefined,
  processTypes: readonly string[],
): Problem[] {
  return [
    ...misspelled(env, several ?? []),
    ...(several === undefined ? prefixesWithoutTypes(env, processTypes) : []),
  ];
}

function misspelled(env: Environment, processTypes: readonly string[]): Problem[] {
  const known = new Set([
    ...NAMES,
    ...processTypes.flatMap((processType) => NAMES.map((name) => prefixOf(processType) + name)),
  ]);
  return Object.keys(env)
    .filter((name) => name.length >= SHORTEST_MISSPELLED && !known.has(name) && isSet(env, name))
    .flatMap((variable) => {
      const meant = nearMiss(variable, known);
      return meant === undefined ? [] : [{ variable, message: `is not a setting: did you mean ${meant}?` }];
    });
}

/** Prefixes are read with PROCESS_TYPES only. */
function prefixesWithoutTypes(env: Environment, processTypes: readonly string[]): Problem[] {
  return processTypes.flatMap((processType) =>
    NAMES.map((name) => ({ name, variable: prefixOf(processType) + name }))
      .filter(({ variable }) => !(variable in SPEC) && isSet(env, variable))
      .map(({ name, variable }) => ({
        variable,
        message: `is not read: set ${name}, or PROCESS_TYPES=${processType} for prefixes`,
      })),
  );
}
