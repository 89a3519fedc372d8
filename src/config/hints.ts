import { isSet, prefixesOf, prefixOf, type Environment } from './environment.ts';
import { nearMiss } from './near-miss.ts';
import type { Problem } from './settings.ts';
import { SPEC } from './spec.ts';

const NAMES = Object.keys(SPEC);

/** Shorter names are left alone: other programs use them too. */
const SHORTEST_MISSPELLED = 9;

/** An app of TARGET_APPS, or the only one; `several`: PROCESS_TYPES, where it is set. */
export type HintScope = {
  readonly app: string | undefined;
  readonly several: readonly string[] | undefined;
  readonly processTypes: readonly string[];
};

/** Variables that are likely meant for Drover and are not read. */
export function hintsFor(env: Environment, scopes: readonly HintScope[]): Problem[] {
  const prefixes = scopes.flatMap(({ app, several = [] }) => [
    ...prefixesOf(app, undefined),
    ...several.flatMap((processType) => prefixesOf(app, processType)),
  ]);
  const known = new Set(prefixes.flatMap((prefix) => NAMES.map((name) => prefix + name)));
  const found = [
    ...misspelled(env, known),
    ...scopes.flatMap((scope) =>
      scope.several === undefined ? prefixesWithoutTypes(env, scope, known) : [],
    ),
  ];
  return [...new Map(found.map((hint) => [hint.variable, hint])).values()];
}

function misspelled(env: Environment, known: ReadonlySet<string>): Problem[] {
  return Object.keys(env)
    .filter((name) => name.length >= SHORTEST_MISSPELLED && !known.has(name) && isSet(env, name))
    .flatMap((variable) => {
      const meant = nearMiss(variable, known);
      return meant === undefined ? [] : [{ variable, message: `is not a setting: did you mean ${meant}?` }];
    });
}

/** Prefixes of process types are read with PROCESS_TYPES only. */
function prefixesWithoutTypes(
  env: Environment,
  { app, processTypes }: HintScope,
  known: ReadonlySet<string>,
): Problem[] {
  return prefixesOf(app, undefined).flatMap((own) =>
    processTypes.flatMap((processType) =>
      NAMES.map((name) => ({ name, variable: own + prefixOf(processType) + name }))
        .filter(({ variable }) => !known.has(variable) && isSet(env, variable))
        .map(({ name, variable }) => ({
          variable,
          message: `is not read: set ${own}${name}, or ${own}PROCESS_TYPES=${processType} for prefixes`,
        })),
    ),
  );
}
