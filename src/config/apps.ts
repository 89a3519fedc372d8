import { prefixOf, type Reader } from './environment.ts';
import { SPEC, type SettingName } from './spec.ts';
import type { Spec } from './spec/kinds.ts';

const SETTINGS = Object.entries<Spec<unknown>>(SPEC);

/** The apps of TARGET_APPS; without it, one whose name is read elsewhere. */
export function appsOf(reader: Reader): readonly (string | undefined)[] {
  const apps = reader.get('TARGET_APPS');
  if (apps === undefined) return [undefined];
  const distinct = [...new Set(apps)];
  if (distinct.length < apps.length) reader.wrong('TARGET_APPS', 'lists an app twice');
  return distinct;
}

/** An app of TARGET_APPS. `several`: its process types, where PROCESS_TYPES lists them. */
export type AppTypes = { readonly app: string; readonly several: readonly string[] };

/** A variable that may mean two things would be read as one of them silently. */
export function refuseAmbiguous(reader: Reader, apps: readonly AppTypes[]): void {
  for (const { app } of apps) {
    const taken = SETTINGS.map(([name]) => prefixOf(app) + name).find((name) => name in SPEC);
    const other = apps.flatMap((each) => meaningsOf(each, app)).at(0);
    const clash = taken ?? other;
    if (clash !== undefined) {
      const meaning = taken === undefined ? 'is also read for a process type' : 'is a setting of its own';
      reader.wrong('TARGET_APPS', `lists ${app}, but ${clash} ${meaning}: run ${app} in a clock of its own`);
    }
  }
}

/** A variable of `other` that `app` reads for one of its process types. */
function meaningsOf({ app, several }: AppTypes, other: string): string[] {
  const own = app === other ? [''] : ['', prefixOf(app)];
  return several
    .flatMap((processType) => own.map((prefix) => prefix + prefixOf(processType)))
    .filter((prefix) => prefix.startsWith(prefixOf(other)))
    .map((prefix) => prefix + ('QUEUES' satisfies SettingName));
}
