/**
 * How many jobs at a time a dyno of each size can run, measured on one's own jobs.
 *
 *   npm run size                                                     the app's own e-mail and picture
 *   npm run size -- resize-picture '{"name":"lighthouse","width":640}'     a task of yours, with REDIS_URL, DATABASE_URL
 *                                                                    and SMTP_URL as in the app
 */
import { DYNO_SIZES } from 'drover/standin';
import { advise } from './advise.ts';
import { fit } from './fit.ts';
import { measure } from './measure.ts';
import { withSamples } from './samples.ts';

const CONCURRENCIES = [1, 2, 4, 8, 16];
const JOBS_EACH = 20;
const TIERS = new Set(['Basic', 'Production', 'Fir']);

const [task, args] = process.argv.slice(2);
if (task !== undefined) await show(task, JSON.parse(args ?? '{}'), process.env);
else {
  await withSamples(async (samples, env) => {
    for (const sample of samples) await show(sample.task, sample.args, env);
  });
}

async function show(name: string, jobArgs: unknown, env: NodeJS.ProcessEnv): Promise<void> {
  const measured = fit(
    await measure({ task: name, args: jobArgs, env, concurrencies: CONCURRENCIES, jobsEach: JOBS_EACH }),
  );
  const { baseMb, perJobMb, wallMs, cpuMs } = measured;
  console.log(
    `\n${name}: a process needs ${baseMb.toFixed(0)} MB and ${perJobMb.toFixed(1)} MB for each job at a time; a job takes ` +
      `${wallMs.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms of them on a processor\n`,
  );
  const rows = DYNO_SIZES.filter(({ tier }) => TIERS.has(tier)).map((size) => {
    const { concurrency, byMemory, byProcessor, jobsPerSecond, dollarsPerMillion } = advise(measured, size);
    return [
      size.name,
      `${size.memoryGb} GB`,
      perJobMb === 0 ? 'any' : String(byMemory),
      String(byProcessor),
      String(concurrency),
      jobsPerSecond.toFixed(1),
      dollarsPerMillion?.toFixed(2) ?? '–',
    ];
  });
  const table = [
    ['size', 'memory', 'it holds', 'a core does', 'concurrency', 'jobs/s', '$ a million'],
    ...rows,
  ];
  for (const row of table) {
    console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(18) : cell.padStart(12))).join(''));
  }
}
