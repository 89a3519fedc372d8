/** The files of a small app with BullMQ, as its author has them before Drover. */
export const SHOP = {
  'worker.js': `import { setTimeout } from 'node:timers/promises';
import { Worker } from 'bullmq';

const connection = { url: process.env.REDIS_URL };
const worker = new Worker('mail', async () => await setTimeout(1000), { connection, concurrency: 5 });
worker.on('error', console.error);
`,
  'traffic.js': `// Two mails a second, and a newsletter of 600 every two minutes.
import { setInterval } from 'node:timers/promises';
import { Queue } from 'bullmq';

const queue = new Queue('mail', { connection: { url: process.env.REDIS_URL } });
let seconds = 0;
for await (const _ of setInterval(1000)) {
  seconds += 1;
  const mails = seconds % 120 === 60 ? 600 : 2;
  await queue.addBulk(Array.from({ length: mails }, () => ({ name: 'send', data: {} })));
}
`,
  Procfile: `worker: node worker.js
`,
} as const;

/** What stands in for Heroku: a Redis with a password, and the dynos of the Procfile. */
export const HEROKU = `// Heroku and Redis on this machine: runs the Procfile's lines as dynos, which boot in ten seconds.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { openSync, readFileSync } from 'node:fs';
import { startPlatform, startRedisServer } from 'drover/standin';

const password = randomUUID();
const redis = await startRedisServer({ args: ['--requirepass', password] });
const config = { REDIS_URL: redis.url.replace('//', \`//:\${password}@\`), HEROKU_APP_NAME: 'shop' };
const log = openSync('dynos.log', 'a');
const platform = await startPlatform({
  scopes: ['global'],
  bootMs: 10_000,
  apps: [
    {
      name: 'shop',
      config,
      formation: [
        { type: 'worker', quantity: 5, command: 'node worker.js' },
        { type: 'clock', quantity: 0, command: 'drover run' },
      ],
    },
  ],
  processes: {
    spawn({ type, env }) {
      const [, command] = new RegExp(\`^\${type}: (.*)$\`, 'm').exec(readFileSync('Procfile', 'utf8'));
      return spawn('sh', ['-c', \`PATH="node_modules/.bin:$PATH" exec \${command}\`], {
        env: { PATH: process.env.PATH, HEROKU_API_URL: platform.url, ...env },
        stdio: ['ignore', log, log],
        detached: true,
      });
    },
  },
});
console.log(JSON.stringify({ ...config, HEROKU_API_KEY: platform.token, HEROKU_API_URL: platform.url }));
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, async () => {
    await platform.close();
    await redis.stop();
  });
`;

/** The line of the README, in the worker. */
export function cooperating(worker: string): string {
  return `${worker.replace("from 'bullmq';", "from 'bullmq';\nimport { cooperate } from 'drover/worker';")}cooperate(worker);\n`;
}
