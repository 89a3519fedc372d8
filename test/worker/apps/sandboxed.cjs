const { setTimeout: delay } = require('node:timers/promises');

module.exports = async (job) => {
  await job.updateProgress(1);
  await delay(job.data.ms);
  return process.pid;
};
