/** Aborts on the first SIGTERM or SIGINT. */
export function stopSignal(onStop: () => void = () => {}): AbortSignal {
  const stop = new AbortController();
  const onSignal = (): void => {
    onStop();
    stop.abort();
  };
  process.once('SIGTERM', onSignal).once('SIGINT', onSignal);
  return stop.signal;
}
