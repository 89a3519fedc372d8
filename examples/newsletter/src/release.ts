/** What Heroku runs once at each release, before the new dynos start. */
import { openRedis } from './queues/redis.ts';
import { openTasks } from './queues/tasks.ts';
import { settingsOrExit } from './settings.ts';
import { openPostgres } from './store/postgres.ts';
import { createTables } from './store/tables.ts';
import { forgetPictures } from './tasks/forget-pictures.ts';

const EVERY_TEN_MINUTES = '0 */10 * * * *';

const settings = settingsOrExit(process.env);
const store = openPostgres(settings.databaseUrl, { timeoutMs: settings.databaseTimeoutMs, connections: 1 });
const redis = openRedis(settings.redisUrl);
const tasks = openTasks(redis);

await createTables(store);
await tasks.schedule(forgetPictures, EVERY_TEN_MINUTES, { unaskedForDays: 30 });
await tasks.close();
redis.disconnect();
await store.close();
