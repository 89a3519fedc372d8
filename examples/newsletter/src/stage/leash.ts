/** Loaded into every dyno of the stage: it ends with the stage, even if that is killed hard. */
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
// Ctrl-C reaches the whole terminal's group; it is for the stage to say when a dyno ends.
process.on('SIGINT', () => {});
