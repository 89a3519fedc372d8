import * as v from 'valibot';

import { forgetResized } from '../store/pictures.ts';
import { task } from './task.ts';

/** Runs every ten minutes (src/release.ts), so that what was resized once does not fill the database for good. */
export const forgetPictures = task({
  name: 'forget-pictures',
  queue: 'low',
  args: v.object({ unaskedForDays: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  attempts: 3,
  backoffMs: 1000,
  kept: 1000,
  run: async ({ unaskedForDays }, { store }) => ({ forgotten: await forgetResized(store, unaskedForDays) }),
});
