/** Loaded into every dyno: it ends with the process that started it, even if that is killed with SIGKILL. */
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
// Ctrl-C in a terminal signals the whole process group, but the stand-in decides when a dyno ends.
process.on('SIGINT', () => {});
