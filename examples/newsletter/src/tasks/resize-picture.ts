import * as v from 'valibot';

import { findPicture, keepResized, NAME, WIDEST } from '../store/pictures.ts';
import { task } from './task.ts';

export const resizePicture = task({
  name: 'resize-picture',
  queue: 'default',
  args: v.object({
    name: v.pipe(v.string(), v.regex(NAME)),
    width: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(WIDEST)),
  }),
  attempts: 3,
  backoffMs: 500,
  kept: 1000,
  run: async ({ name, width }, { store }, job) => {
    const original = await findPicture(store, name);
    // Taken away since it was asked for: there is nothing to do.
    if (original === undefined) return { bytes: 0 };
    // Loaded here, as most dynos never resize a picture.
    const { default: sharp } = await import('sharp');
    const resized = await sharp(original).resize({ width, withoutEnlargement: true }).webp().toBuffer();
    await keepResized(store, name, width, resized);
    await job.log(`${original.length} bytes became ${resized.length}`);
    return { bytes: resized.length };
  },
});
