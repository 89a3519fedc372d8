const { existsSync } = require('node:fs');
const { setTimeout: delay } = require('node:timers/promises');

/** What a job does: it waits until the file `heldBy` is gone, then for `ms`. Returns the process that ran it. */
exports.work = async ({ ms = 0, heldBy }) => {
  while (heldBy !== undefined && existsSync(heldBy)) await delay(10);
  await delay(ms);
  return process.pid;
};
