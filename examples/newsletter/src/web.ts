import { createServer } from './http/server.ts';
import { openRedis } from './queues/redis.ts';
import { openTasks } from './queues/tasks.ts';
import { settingsOrExit } from './settings.ts';
import { openPostgres } from './store/postgres.ts';

const settings = settingsOrExit(process.env);
const redis = openRedis(settings.redisUrl);
const store = openPostgres(settings.databaseUrl, { timeoutMs: settings.databaseTimeoutMs, connections: 5 });
const server = createServer({ store, redis, tasks: openTasks(redis) }, settings);

process.once('SIGTERM', () => {
  void server.close().finally(() => process.exit(0));
});
await server.listen({ port: settings.port, host: settings.host });
