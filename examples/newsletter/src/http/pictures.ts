import { QueueEvents, type Job } from 'bullmq';
import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';

import type { Settings } from '../settings.ts';
import { findResized, hasPicture, keepPicture, NAME, WIDEST } from '../store/pictures.ts';
import { resizePicture } from '../tasks/resize-picture.ts';
import type { Parts } from './server.ts';
import { wellFormed } from './wellformed.ts';
import { WorkerTimeout } from './worker-timeout.ts';

const LARGEST_BYTES = 10_000_000;
/** A picture may be replaced, so it is not forever. */
const CACHE = 'public, max-age=86400';

const Name = v.object({ name: v.pipe(v.string(), v.regex(NAME)) });
const Width = v.object({
  width: v.pipe(
    v.string(),
    v.regex(/^[1-9]\d{0,3}$/),
    v.transform(Number),
    v.maxValue(WIDEST, `must be at most ${WIDEST}`),
  ),
});

/** A picture is resized when its size is asked for the first time, by a worker, and kept. */
export function pictureRoutes(
  server: FastifyInstance,
  { store, redis, tasks }: Parts,
  { workerTimeoutMs }: Pick<Settings, 'workerTimeoutMs'>,
): void {
  const events = new QueueEvents(resizePicture.queue, { connection: redis });
  events.on('error', () => {});
  server.addHook('onClose', async () => await events.close());
  server.addContentTypeParser(
    /^image\//,
    { parseAs: 'buffer', bodyLimit: LARGEST_BYTES },
    (_request, body, done) => done(null, body),
  );

  server.put('/pictures/:name', async (request, reply) => {
    const { name } = wellFormed(Name, request.params);
    await keepPicture(store, name, wellFormed(v.instance(Buffer), request.body));
    return await reply.code(204).send();
  });

  server.get('/pictures/:name', async (request, reply) => {
    const { name } = wellFormed(Name, request.params);
    const { width } = wellFormed(Width, request.query);
    let picture = await findResized(store, name, width);
    if (picture === undefined) {
      if (!(await hasPicture(store, name))) {
        return await reply.code(404).send({ error: 'NOT_FOUND' });
      }
      const job = await tasks.add(resizePicture, {
        args: { name, width },
        // All who ask for it at the same time wait for the same task.
        once: `${name}-${width}`,
      });
      await finished(job, events, workerTimeoutMs);
      picture = await findResized(store, name, width);
    }
    if (picture === undefined) return await reply.code(404).send({ error: 'NOT_FOUND' });
    return await reply.type('image/webp').header('cache-control', CACHE).send(picture);
  });
}

/** Throws WorkerTimeout, or what the task failed of. */
async function finished(job: Job, events: QueueEvents, withinMs: number): Promise<void> {
  try {
    await job.waitUntilFinished(events, withinMs);
  } catch (error) {
    // It says so in words only, whether the time was over or the task failed; the task's own state is no words.
    if ((await job.getState()) !== 'failed') throw new WorkerTimeout(job.name, withinMs);
    throw error;
  }
}
