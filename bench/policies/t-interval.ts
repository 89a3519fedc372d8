/** 97.5 % quantiles of Student's t by degrees of freedom, from 1 on; beyond the table that of the normal distribution. */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086,
];
const NORMAL_975 = 1.96;

export type Estimate = {
  readonly mean: number;
  /** Half of the 95 % interval; NaN for a single value. */ readonly half: number;
};

/** The mean of independent runs with its 95 % confidence interval by Student's t. */
export function estimateOf(values: readonly number[]): Estimate {
  const { length } = values;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1);
  return { mean, half: (T_975[length - 2] ?? NORMAL_975) * Math.sqrt(variance / length) };
}
