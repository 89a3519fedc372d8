import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** A TCP proxy on loopback that can keep all answers back until the client has sent everything it has to send. */
export type GateProxy = Pick<TcpProxy, 'port' | 'stop'> & {
  /** Connections accepted so far. */
  readonly connections: number;
  /** Times that a client began to send after it had been answered: round trips. */
  readonly turns: number;
  /** Called whenever answers go through. */
  onAnswer: () => void;
  /** No answer goes through before clients have sent this text so many times; then all do. */
  holdUntilSent(text: string, times: number): void;
};

export async function startGateProxy(targetPort: number): Promise<GateProxy> {
  const held: (() => void)[] = [];
  const seen = { connections: 0, turns: 0, onAnswer: (): void => {} };
  let awaited = { text: '', times: 0 };
  let tail = '';

  const release = (): void => {
    if (held.length > 0) seen.onAnswer();
    for (const go of held.splice(0)) go();
  };

  const count = (chunk: Buffer): void => {
    if (awaited.times <= 0) return;
    const sent = tail + chunk.toString('latin1');
    const { text, times } = awaited;
    awaited = { text, times: times - (sent.split(text).length - 1) };
    // What is cut in two is counted with its second half, and what was counted is not in the tail.
    const last = sent.lastIndexOf(text);
    const counted = last === -1 ? 0 : last + text.length;
    tail = sent.slice(Math.max(counted, sent.length - text.length + 1));
    if (awaited.times <= 0) release();
  };

  const { port, stop } = await startTcpProxy(targetPort, ({ client, target }) => {
    seen.connections += 1;
    let answered = true;
    client.on('data', (chunk) => {
      if (answered) seen.turns += 1;
      answered = false;
      target.write(chunk);
      count(chunk);
    });
    target.on('data', (chunk) => {
      const go = (): void => {
        client.write(chunk);
        answered = true;
      };
      if (awaited.times > 0) {
        held.push(go);
        return;
      }
      seen.onAnswer();
      go();
    });
  });

  return {
    port,
    stop,
    get connections() {
      return seen.connections;
    },
    get turns() {
      return seen.turns;
    },
    get onAnswer() {
      return seen.onAnswer;
    },
    set onAnswer(hook) {
      seen.onAnswer = hook;
    },
    holdUntilSent(text, times) {
      awaited = { text, times };
      tail = '';
    },
  };
}
