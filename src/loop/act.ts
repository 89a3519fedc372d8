import { noteLimit, noteWrite, settleWrite, type Standing } from '../core/standing.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Ports, Remembered, Resized } from '../ports.ts';
import { instruct, LONGEST_UNTIL_SENT_MS } from './crew.ts';
import type { Judgement } from './judge.ts';
import type { Sight } from './observe.ts';
import type { Outcome } from './outcome.ts';

/** What came of one process type, and what is remembered of it. */
export type Acted = { readonly outcome: Outcome; readonly remembered: Remembered };

/** Two requests to the platform that each run into their timeout: no other clock may act meanwhile. */
const LONGEST_WRITE_MS = 35_000;

/** Carries a judgement out: first the workers hear of it, then the platform. Never throws. */
export async function act(
  ports: Pick<Ports, 'crew' | 'formation' | 'lease' | 'store'>,
  settings: ProcessTypeSettings,
  { backlog, formation, crew, seenAtMs }: Sight,
  judgement: Judgement,
  tickMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Acted> {
  const { processType, dynoSize } = settings;
  const { decision, policy, memory, changes, ahead, cooperating, mostAtWork, standing } = judgement;
  const { quantity } = formation;
  const decided = { kind: 'decided', processType, backlog, formation, decision, policy } as const;
  let { hold } = judgement;
  let noted = standing;
  try {
    // Workers are not sent to rest, either, for a change that would be held when they do.
    const asks = cooperating && ahead < quantity;
    if (hold === undefined && (changes || asks)) hold = await ports.formation.standstill(signal);
    const atWork = Math.min(hold === undefined ? ahead : quantity, mostAtWork);
    const bound =
      !cooperating ||
      (await instruct(ports.crew, crew, processType, atWork, quantity, tickMs, signal).catch(
        (thrown: unknown) => {
          // More dynos help even where those that rest cannot be called back.
          if (decision.to < quantity) throw thrown;
          return false;
        },
      ));
    if (!bound && decision.to < quantity) hold ??= { kind: 'lapsed' };
    if (hold || !changes) return { outcome: { ...decided, hold }, remembered: { memory, standing } };

    if (!Number.isSafeInteger(decision.to) || decision.to < 0) throw notAQuantity();
    await ports.lease.confirm(LONGEST_WRITE_MS, signal);
    noted = noteWrite(standing, quantity, decision.to, at);
    // Kept before the write: a clock that takes over from one that dies in it must not take its change for a person's.
    await ports.store.save(new Map([[processType, { memory, standing: noted }]]), signal).catch(() => {});
    const resized = await ports.formation.resize(
      {
        processType,
        from: quantity,
        to: decision.to,
        size: dynoSize,
        // More dynos are never wrong; which of them rest may change.
        sendBeforeMs: decision.to < quantity ? seenAtMs + LONGEST_UNTIL_SENT_MS : undefined,
      },
      signal,
    );
    const failure = resized.kind === 'unknown' ? resized.failure : undefined;
    return {
      outcome: { ...decided, resized, failure },
      remembered: { memory, standing: settle(noted, resized, at) },
    };
  } catch (thrown) {
    // What was refused is done with.
    const settled = noted === standing ? standing : settleWrite(noted, { answered: true });
    const outcome = { ...decided, hold, failure: failureOf(thrown) };
    return { outcome, remembered: { memory, standing: settled } };
  }
}

function settle(noted: Standing, resized: Resized, at: number): Standing {
  switch (resized.kind) {
    case 'resized':
      return settleWrite(noted, resized);
    case 'limited':
      return noteLimit(settleWrite(noted, resized), resized.limit, at);
    case 'overtaken':
    case 'unknown':
      return settleWrite(noted, { answered: resized.answered });
    case 'rehearsed':
      return settleWrite(noted, { answered: true });
    default:
      return resized satisfies never;
  }
}

function notAQuantity(): Failure {
  return new Failure(
    'UNEXPECTED',
    'the decision is not a number of dynos',
    'Report it with the log line around it; Drover holds and tries again on the next tick.',
  );
}
