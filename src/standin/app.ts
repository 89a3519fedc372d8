import { randomUUID } from 'node:crypto';

import { DYNOS_PER_APP, findSize, type Generation } from '../heroku-sizes.ts';
import { AppDynos } from './app-dynos.ts';
import type { DynoRuntime } from './dyno.ts';

/** A process type of an app's formation. Times are epoch ms. */
export type Row = {
  readonly id: string;
  readonly type: string;
  readonly command: string;
  readonly createdAt: number;
  quantity: number;
  size: string;
  updatedAt: number;
};

export type App = {
  readonly id: string;
  readonly name: string;
  readonly generation: Generation;
  /** False: never deployed, so its formation is empty. */
  readonly deployed: boolean;
  readonly createdAt: number;
  readonly releaseId: string;
  /** Dynos that all its process types may have together. */
  readonly limit: number;
  readonly rows: readonly Row[];
  readonly dynos: AppDynos;
  maintenance: boolean;
  /** True while its release phase runs, in a dyno of its own. */
  releasing: boolean;
  updatedAt: number;
};

/** An app as the stand-in starts with it. */
export type AppSpec = {
  readonly name: string;
  /** Default `cedar`, whose dynos are numbered; those of `fir` have random names. */
  readonly generation?: Generation;
  /** Default false. */
  readonly maintenance?: boolean;
  /** Default true. False: the app was never deployed, and `formation` is ignored. */
  readonly deployed?: boolean;
  /** Its config vars. */
  readonly config?: Readonly<Record<string, string>>;
  /** Its process types. Default size: the generation's smallest without limits of its own. */
  readonly formation: readonly {
    readonly type: string;
    readonly quantity: number;
    readonly size?: string;
    readonly command?: string;
  }[];
};

/** An app and its first dynos. Throws on an unknown dyno size: that is the caller's mistake. */
export function createApp(spec: AppSpec, runtime: DynoRuntime, limit: number | undefined): App {
  const at = runtime.now();
  const generation = spec.generation ?? 'cedar';
  const deployed = spec.deployed ?? true;
  const dynos = new AppDynos(spec.name, generation, runtime);
  dynos.config = spec.config ?? {};
  const rows = (deployed ? spec.formation : []).map((entry) => {
    const name = entry.size ?? (generation === 'cedar' ? 'Standard-1X' : 'dyno-1c-0.5gb');
    const size = findSize(name);
    if (size === undefined) throw new Error(`there is no dyno size ${name}`);
    return {
      id: randomUUID(),
      type: entry.type,
      command: entry.command ?? `node dist/${entry.type}.js`,
      quantity: entry.quantity,
      size: size.name,
      createdAt: at,
      updatedAt: at,
    };
  });
  for (const row of rows) dynos.scale(row.type, row.quantity, row.size);
  return {
    id: randomUUID(),
    name: spec.name,
    generation,
    deployed,
    createdAt: at,
    releaseId: randomUUID(),
    limit: limit ?? DYNOS_PER_APP[generation],
    rows,
    dynos,
    maintenance: spec.maintenance ?? false,
    releasing: false,
    updatedAt: at,
  };
}
