import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { parseTrace, randomFrom, type Job } from '../../../src/sim/index.ts';

const SHARED = fileURLToPath(new URL('../../../../shared/traces/', import.meta.url));
/** Where recorded workloads are: DROVER_TRACES, or beside the checkout. None of them is part of the project. */
const FOLDERS = [process.env['DROVER_TRACES'], SHARED].filter((folder) => folder !== undefined);

const DAY_S = 86_400;

/** The text of a recorded workload, unpacked; undefined where the file is absent. */
export function textOf(file: string): string | undefined {
  const path = FOLDERS.map((folder) => join(folder, file)).find(existsSync);
  if (path === undefined) return undefined;
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

type Row = { readonly atS: number; readonly serviceS: number };

/** Lines of `t_s,service_s`. */
export function secondsRows(text: string): Job[] {
  return parseTrace(text);
}

/** The Standard Workload Format of the Parallel Workloads Archive: field 2 is the submission, field 4 the run time, s. */
export function swfRows(text: string): Row[] {
  return fieldsOf(text, /\s+/, ';').map((fields) => ({
    atS: Number(fields[1]),
    serviceS: Number(fields[3]),
  }));
}

/** SWIM's samples of Hadoop: name, submission (s), gap, then bytes read, shuffled and written. At 2 GB/s, and 1 s to start. */
export function swimRows(text: string): Row[] {
  return fieldsOf(text, /\t/, '#').map(([, at, , ...bytes]) => ({
    atS: Number(at),
    serviceS: 1 + bytes.slice(0, 3).reduce((sum, one) => sum + Number(one), 0) / 2e9,
  }));
}

/** Pods of Alibaba's GPU cluster of 2023, from being scheduled to being deleted. */
export function podRows(text: string): Row[] {
  const [heading = [], ...pods] = fieldsOf(text, /,/, '#');
  const of = (fields: readonly string[], name: string): string => fields[heading.indexOf(name)] ?? '';
  return pods.map((fields) => {
    const created = of(fields, 'creation_time');
    const scheduled = of(fields, 'scheduled_time') || created;
    return { atS: Number(created), serviceS: Number(of(fields, 'deletion_time')) - Number(scheduled) };
  });
}

function fieldsOf(text: string, separator: RegExp, comment: string): string[][] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith(comment))
    .map((line) => line.split(separator));
}

/** The jobs of some days, from their beginning, without those that never ran, or ran for more than a day as services do. */
export function daysOf(rows: readonly Row[], fromDay: number, days: number): Job[] {
  const fromS = fromDay * DAY_S;
  const inDays = ({ atS, serviceS }: Row): boolean =>
    atS >= fromS && atS < fromS + days * DAY_S && serviceS > 0 && serviceS <= DAY_S;
  return rows
    .filter(inDays)
    .map(({ atS, serviceS }) => ({ atMs: (atS - fromS) * 1000, serviceMs: serviceS * 1000 }));
}

/** One job in `every`, drawn by the seed. */
export function thinned(jobs: readonly Job[], every: number, seed: number): Job[] {
  const random = randomFrom(seed);
  return jobs.filter(() => random() * every < 1);
}
