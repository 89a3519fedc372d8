import { askFor, learnLimit, type Standing } from '../core/standing.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { failureOf } from '../failure.ts';
import type { Ports, Remembered, Resized } from '../ports.ts';
import { instruct } from './crew.ts';
import type { Judgement } from './judge.ts';
import type { Sight } from './observe.ts';
import type { Outcome } from './outcome.ts';

/** What came of one process type, and what is remembered of it. */
export type Acted = { readonly outcome: Outcome; readonly remembered: Remembered };

/** Carries a judgement out: first the workers hear of it, then the platform. Never throws. */
export async function act(
  ports: Pick<Ports, 'crew' | 'formation' | 'lease' | 'store'>,
  settings: ProcessTypeSettings,
  { backlog, formation, crew }: Sight,
  judgement: Judgement,
  tickMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Acted> {
  const { processType, dynoSize } = settings;
  const { decision, policy, memory, changes, ahead, standing } = judgement;
  const { quantity } = formation;
  const decided = { kind: 'decided', processType, backlog, formation, decision, policy } as const;
  let { hold } = judgement;
  let told = standing;
  try {
    // Workers are not sent to rest, either, for a change that would be held when they do.
    const asks = crew.reports.length > 0 && ahead < quantity;
    if (hold === undefined && (changes || asks)) hold = await ports.formation.standstill(signal);
    const wanted = hold === undefined ? ahead : quantity;
    const bound = await instruct(ports.crew, crew, processType, wanted, quantity, tickMs, signal).catch(
      (thrown: unknown) => {
        // More dynos help even where those that rest cannot be called back.
        if (wanted < quantity) throw thrown;
        return false;
      },
    );
    if (!bound && decision.to < quantity) hold ??= { kind: 'lapsed' };
    if (hold || !changes) return { outcome: { ...decided, hold }, remembered: { memory, standing } };

    await ports.lease.confirm(signal);
    told = askFor(standing, decision.to);
    // Kept before the write: whoever takes over from a clock that dies in it must not take its change for a person's.
    await ports.store.save(new Map([[processType, { memory, standing: told }]]), signal).catch(() => {});
    const resize = { processType, from: quantity, to: decision.to, size: dynoSize };
    const resized = await ports.formation.resize(resize, signal);
    return {
      outcome: { ...decided, resized },
      remembered: { memory, standing: settle(told, quantity, resized, at) },
    };
  } catch (thrown) {
    const outcome = { ...decided, hold, failure: failureOf(thrown) };
    return { outcome, remembered: { memory, standing: told } };
  }
}

function settle(asked: Standing, from: number, resized: Resized, at: number): Standing {
  const { asked: _, ...standing } = asked;
  switch (resized.kind) {
    case 'resized':
      return {
        ...standing,
        quantity: resized.quantity,
        ...(resized.quantity > from ? { raised: { above: from, at } } : {}),
      };
    case 'limited':
      return { ...learnLimit(standing, resized.limit, at), quantity: resized.quantity };
    case 'overtaken':
    case 'rehearsed':
      return standing;
    default:
      return resized satisfies never;
  }
}
