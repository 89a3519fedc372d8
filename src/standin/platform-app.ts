import { randomUUID } from 'node:crypto';

import type { DynoPlace } from './platform-dyno.ts';
import { DynoFleet } from './platform-dynos.ts';
import { DYNO_SIZES, findSize, type Generation } from './platform-sizes.ts';

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
  /** False: never deployed, so its formation is empty whatever its Procfile will say. */
  readonly deployed: boolean;
  readonly createdAt: number;
  readonly releaseId: string;
  /** Dynos it may have in all. */
  readonly limit: number;
  readonly rows: readonly Row[];
  readonly fleet: DynoFleet;
  maintenance: boolean;
  /** Whether its release phase runs, in a dyno of its own. */
  releasing: boolean;
  updatedAt: number;
};

export type AppSpec = {
  readonly name: string;
  readonly generation?: Generation;
  readonly maintenance?: boolean;
  readonly deployed?: boolean;
  readonly formation: readonly {
    readonly type: string;
    readonly quantity: number;
    readonly size?: string;
    readonly command?: string;
  }[];
};

const LIMITS: Readonly<Record<Generation, number>> = { cedar: 100, fir: 255 };

/** An app and its first dynos. Throws on a size that does not exist: that is a mistake of the caller. */
export function createApp(spec: AppSpec, place: DynoPlace, limit: number | undefined): App {
  const at = place.now();
  const generation = spec.generation ?? 'cedar';
  const deployed = spec.deployed ?? true;
  const fleet = new DynoFleet(spec.name, generation, place);
  const rows = (deployed ? spec.formation : []).map((entry) => {
    const wanted = entry.size ?? (generation === 'cedar' ? 'Standard-1X' : 'dyno-1c-0.5gb');
    const size = findSize(wanted, DYNO_SIZES);
    if (size === undefined) throw new Error(`there is no dyno size ${wanted}`);
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
  for (const row of rows) fleet.scale(row.type, row.quantity, row.size);
  return {
    id: randomUUID(),
    name: spec.name,
    generation,
    deployed,
    createdAt: at,
    releaseId: randomUUID(),
    limit: limit ?? LIMITS[generation],
    rows,
    fleet,
    maintenance: spec.maintenance ?? false,
    releasing: false,
    updatedAt: at,
  };
}
