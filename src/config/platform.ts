import { parseWorkerName } from '../worker-names.ts';
import { isSet, type Environment, type Reader } from './environment.ts';
import { quote } from './mask.ts';
import type { Access, PlatformName } from './settings.ts';

/** What the environment says of the platform, whether or not the command may act on it. */
export type PlatformScope = {
  readonly platform: PlatformName;
  /** The name under which Drover keeps its state, and that texts have. */
  readonly appName: string;
  readonly processTypes: readonly string[];
  /** PROCESS_TYPES, where it is set. */
  readonly several: readonly string[] | undefined;
  /** With the credentials, for commands that call the platform. */
  readonly access: (reader: Reader) => Access;
};

export function platformScope(reader: Reader, env: Environment): PlatformScope {
  const several = reader.get('PROCESS_TYPES');
  const scope = heroku(reader, env, several);
  if (new Set(scope.processTypes).size < scope.processTypes.length)
    reader.wrong('PROCESS_TYPES', 'lists a process type twice');
  return scope;
}

function heroku(reader: Reader, env: Environment, several: readonly string[] | undefined): PlatformScope {
  const appName = reader.get('TARGET_APP_NAME') ?? reader.require('HEROKU_APP_NAME');
  const processTypes = several ?? [reader.withDefault('PROCESS_TYPE')];
  const ownType = parseWorkerName(env['DYNO'] ?? '')?.owner;
  const ownApp = env['HEROKU_APP_NAME'];
  if (ownApp === undefined || ownApp === appName)
    for (const name of processTypes) if (name === ownType) refuseOwn(reader, env, name);
  return {
    platform: 'heroku',
    appName,
    processTypes,
    several,
    access: (of) => ({
      platform: 'heroku',
      appName,
      token: of.require('HEROKU_API_KEY'),
      apiUrl: of.withDefault('HEROKU_API_URL').replace(/\/+$/, ''),
    }),
  };
}

/** Scaling its own process type, Drover would stop itself and never start again. */
function refuseOwn(reader: Reader, env: Environment, processType: string): void {
  reader.wrong(
    isSet(env, 'PROCESS_TYPES') ? 'PROCESS_TYPES' : 'PROCESS_TYPE',
    `is ${quote(processType)}, the process type that Drover itself runs as: run it as another, such as clock`,
  );
}
