const { work } = require('./work.cjs');

module.exports = async (job) => {
  await job.updateProgress(1);
  return await work(job.data);
};
