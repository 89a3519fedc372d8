export type Generation = 'cedar' | 'fir';

/** Sizes of different tiers cannot be used in one app. */
type Tier = 'Eco' | 'Basic' | 'Production' | 'Private' | 'Fir';

export type DynoSize = {
  readonly name: string;
  readonly generation: Generation;
  readonly tier: Tier;
  readonly memoryGb: number;
  readonly compute: number;
  readonly centsAMonth: number;
  /** Dynos of this size that one process type may have, where that is bounded. */
  readonly limitPerType?: number;
};

const CEDAR: readonly DynoSize[] = [
  cedar('Eco', 'Eco', 0.5, 1, 5, 1),
  cedar('Basic', 'Basic', 0.5, 1, 7, 1),
  cedar('Standard-1X', 'Production', 0.5, 1, 25),
  cedar('Standard-2X', 'Production', 1, 2, 50),
  cedar('Performance-M', 'Production', 2.5, 12, 250, 10),
  cedar('Performance-L', 'Production', 14, 46, 500, 10),
  cedar('Performance-L-RAM', 'Production', 30, 24, 500, 10),
  cedar('Performance-XL', 'Production', 62, 50, 750, 10),
  cedar('Performance-2XL', 'Production', 126, 100, 1500, 10),
  cedar('Private-S', 'Private', 1, 12, 225, 10),
  cedar('Private-M', 'Private', 2.5, 23, 450, 10),
  cedar('Private-L', 'Private', 14, 46, 900, 10),
];

const FIR: readonly DynoSize[] = [
  fir(1, 0.5, 25),
  fir(2, 1, 50),
  fir(1, 4, 80),
  fir(2, 8, 160),
  fir(4, 16, 320),
  fir(8, 32, 640),
];

export const DYNO_SIZES: readonly DynoSize[] = [...CEDAR, ...FIR];

export function sizesOf(generation: Generation): readonly DynoSize[] {
  return generation === 'cedar' ? CEDAR : FIR;
}

/** Names are taken in any case, and given back as the generation spells them. */
export function findSize(name: string, sizes: readonly DynoSize[]): DynoSize | undefined {
  return sizes.find((size) => size.name.toLowerCase() === name.toLowerCase());
}

function cedar(
  name: string,
  tier: Tier,
  memoryGb: number,
  compute: number,
  dollarsAMonth: number,
  limitPerType?: number,
): DynoSize {
  const size: DynoSize = {
    name,
    generation: 'cedar',
    tier,
    memoryGb,
    compute,
    centsAMonth: dollarsAMonth * 100,
  };
  return limitPerType === undefined ? size : { ...size, limitPerType };
}

function fir(compute: number, memoryGb: number, dollarsAMonth: number): DynoSize {
  const name = `dyno-${compute}c-${memoryGb}gb`;
  return { name, generation: 'fir', tier: 'Fir', memoryGb, compute, centsAMonth: dollarsAMonth * 100 };
}
