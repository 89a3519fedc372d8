/** A benchmark, and how it is started: `command` gets the further arguments. */
export type Bench = {
  readonly about: string;
  /** Runs first, to its end. */
  readonly prepare?: readonly string[];
  readonly command: readonly string[];
};

/** Benchmarks that start `dist/main.js` as a process. */
const BUILD = ['npm', 'run', '--silent', 'build'];
/** `reading` measures compiled JavaScript, as users run it: a loader in the process would count as memory and time. */
const COMPILED = 'node_modules/.cache/bench';

export const BENCHES: ReadonlyMap<string, Bench> = new Map<string, Bench>([
  [
    'dashboard',
    {
      about: 'Bytes and load time of the dashboard in Chromium; --shots FOLDER takes the screenshots.',
      command: script('dashboard'),
    },
  ],
  [
    'early-ticks',
    {
      about: 'Cost and lateness with and without peeks between two slots; [WAIT IN SECONDS].',
      command: script('early-ticks'),
    },
  ],
  [
    'first-hour',
    {
      about: 'docs/first-hour.md: a user from the tarball to the first change; HEROKU_CLI, SHADOW_SECONDS.',
      prepare: BUILD,
      command: script('first-hour'),
    },
  ],
  [
    'foresight',
    {
      about: 'A newsletter at 9:00 on working days: cost and lateness with and without foresight.',
      command: script('foresight'),
    },
  ],
  [
    'footprint',
    {
      about: 'Start time of `plan` and memory of the clock on each platform, as ratios to bare Node.',
      prepare: BUILD,
      command: script('footprint'),
    },
  ],
  [
    'fuzz',
    {
      about: 'Hostile inputs for every parser of foreign data; [RUNS PER PARSER] [SEED].',
      command: script('fuzz'),
    },
  ],
  [
    'green',
    {
      about: 'The test suite ten times on busy cores; RUNS, LOOPS.',
      prepare: BUILD,
      command: script('green'),
    },
  ],
  [
    'heroku-cli',
    {
      about:
        "Heroku's command line against the stand-in: ps, ps:scale, config; HEROKU_CLI names one that is installed.",
      command: script('heroku-cli'),
    },
  ],
  [
    'http',
    {
      about: 'Memory of the clock with and without the dashboard, and of `serve`.',
      prepare: BUILD,
      command: script('http-memory'),
    },
  ],
  ['journal', { about: 'Bytes that a month of the journal takes in Redis.', command: script('journal') }],
  [
    'learning',
    {
      about: 'Learned arrivals and service times against those of real workers; DURATION_S, SEEDS.',
      command: script('learning'),
    },
  ],
  [
    'node-versions',
    {
      about: 'The packed package and the demo with the oldest and newest Node that npm has; [VERSION]…',
      command: ['bash', 'bench/node-versions.sh'],
    },
  ],
  [
    'peer',
    {
      about: "Drover beside Judoscale's adapter and rule, on real queues and workers; [short|full] [SEED].",
      prepare: BUILD,
      command: script('peer'),
    },
  ],
  [
    'policies',
    {
      about:
        'Cost and lateness of every policy on every workload; [WAIT IN SECONDS]… --set, --only, --seeds, --no-peers.',
      command: script('policies'),
    },
  ],
  [
    'protection',
    {
      about: 'Cost of what is known of the workers, and of the order in which Redis serves them; [WORKLOAD]…',
      command: script('protection'),
    },
  ],
  [
    'protocol',
    {
      about: 'Every state of draining by name with two pods, failures and a rollout. Takes minutes.',
      command: script('protocol'),
    },
  ],
  [
    'reading',
    {
      about:
        'Time, CPU and memory of reading 1 to 10,000 queues, beside other readers; COUNTS, RTTS_MS, READERS.',
      prepare: ['npx', 'tsc', '--noEmit', 'false', '--rootDir', '.', '--outDir', COMPILED],
      command: [process.execPath, `${COMPILED}/bench/reading/run.js`],
    },
  ],
  [
    'requests',
    { about: 'Requests to each platform in an hour, by tick length and load.', command: script('requests') },
  ],
  [
    'scale-down',
    {
      about:
        'Jobs killed and dyno time by level of protection; [--on deployment|statefulset] [--level L] [--types N] [--dynos N] [--seconds N | --removals N] [--seed N] [--log FILE] [CONCURRENCY]…',
      prepare: BUILD,
      command: script('scale-down'),
    },
  ],
  [
    'simulated-day',
    { about: 'Time to simulate a day of 8,640 ticks and 100,000 jobs.', command: script('simulated-day') },
  ],
  [
    'soak',
    {
      about: 'Two clocks under random faults for 10,000 rounds; [ROUNDS] [SEED].',
      command: script('soak', '--expose-gc'),
    },
  ],
  [
    'versions',
    {
      about: 'The Redis tests against every Redis and Valkey that Debian packages; [SUITE PACKAGE]…',
      command: ['bash', 'bench/versions.sh'],
    },
  ],
  [
    'world',
    {
      about: 'Seeds of the deterministic world; --seeds, --from, --seed, --story, --planted.',
      command: script('world'),
    },
  ],
]);

/** The names with a sentence each. */
export function listing(): string {
  const width = Math.max(...[...BENCHES.keys()].map((name) => name.length));
  const lines = [...BENCHES].map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return `Usage: npm run bench -- NAME [ARGUMENTS]\n\n${lines.join('\n')}`;
}

function script(name: string, ...flags: readonly string[]): readonly string[] {
  return [process.execPath, ...flags, '--import', 'tsx', `bench/${name}.ts`];
}
