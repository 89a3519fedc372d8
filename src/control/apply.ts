import { noteLimit, noteWrite, settleWrite, type ScalingState } from '../core/scaling-state.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Remembered, Resized } from '../ports.ts';
import type { TickContext } from './context.ts';
import { LONGEST_UNTIL_SENT_MS, requestDrain } from './drain.ts';
import type { Reading } from './observe.ts';
import type { Decided, Hold, Outcome } from './outcome.ts';
import type { Plan } from './plan.ts';

/** The result for one process type, and what is remembered of it. */
export type Applied = { readonly outcome: Outcome; readonly remembered: Remembered };

/** Two requests to the platform that each run into their timeout: no other clock may act meanwhile. */
const LONGEST_WRITE_MS = 35_000;

/** Carries a plan out: first the workers are asked to drain, then the platform to scale. Never throws. */
export async function apply(
  context: TickContext,
  settings: ProcessTypeSettings,
  reading: Reading,
  plan: Plan,
): Promise<Applied> {
  const { backlog, formation } = reading;
  const { decision, policy, memory, scaling } = plan;
  const decided: Decided = { processType: settings.processType, backlog, formation, decision, policy };
  let noted = scaling;
  try {
    const hold = await prepare(context, reading, plan);
    if (hold) return { outcome: { kind: 'held', ...decided, hold }, remembered: { memory, scaling } };
    if (!plan.changes) return { outcome: { kind: 'unchanged', ...decided }, remembered: { memory, scaling } };

    await confirmWrite(context, decision.to);
    noted = noteWrite(scaling, formation.quantity, decision.to, context.at);
    const resized = await resize(context, settings, reading, { ...plan, scaling: noted });
    return {
      outcome: { kind: 'resized', ...decided, resized },
      remembered: { memory, scaling: settle(noted, resized, context.at) },
    };
  } catch (thrown) {
    const { processType } = settings;
    const outcome: Outcome = { kind: 'failed', processType, failure: failureOf(thrown), decided };
    // A write that was refused cannot be carried out later.
    const settled = noted === scaling ? scaling : settleWrite(noted, { answered: true });
    return { outcome, remembered: { memory, scaling: settled } };
  }
}

/** Asks workers to drain or to work on, as the plan wants it. Returns why the plan is held after all, if it is. */
async function prepare(
  context: TickContext,
  { formation, workers }: Reading,
  { hold: planned, changes, cooperating, nextWanted, uncertainAbove, decision }: Plan,
): Promise<Hold | undefined> {
  const { quantity } = formation;
  const drains = cooperating && nextWanted < quantity;
  const hold =
    planned === undefined && (changes || drains)
      ? await context.ports.formation.standstill(context.signal)
      : planned;
  if (!cooperating) return hold;
  // Workers do not drain for a change that would be held.
  const working = Math.min(hold === undefined ? nextWanted : quantity, uncertainAbove);
  const inForce = await requestDrain(context, formation, workers, working).catch((thrown: unknown) => {
    // More workers help even where those that drain cannot be called back.
    if (decision.to < quantity) throw thrown;
    return false;
  });
  return !inForce && decision.to < quantity ? (hold ?? { kind: 'lapsed' }) : hold;
}

/** Throws unless the quantity is one, and this clock alone may set it for as long as that may take. */
async function confirmWrite({ ports, signal }: TickContext, to: number): Promise<void> {
  if (!Number.isSafeInteger(to) || to < 0) throw notAQuantity();
  await ports.lease.confirm(LONGEST_WRITE_MS, signal);
}

async function resize(
  { ports, signal }: TickContext,
  { processType, dynoSize }: ProcessTypeSettings,
  { formation, notBeforeMs }: Reading,
  { decision, memory, scaling }: Plan,
): Promise<Resized> {
  const { quantity: from } = formation;
  const { to } = decision;
  // Saved before the write: a clock that takes over from one that dies in it must not take its change for a person's.
  await ports.store.save(new Map([[processType, { memory, scaling }]]), signal).catch(() => {});
  return await ports.formation.resize(
    {
      processType,
      from,
      to,
      size: dynoSize,
      // More workers are never wrong; which of them are drained may change.
      sendBeforeMs: to < from ? notBeforeMs + LONGEST_UNTIL_SENT_MS : undefined,
    },
    signal,
  );
}

function settle(noted: ScalingState, resized: Resized, at: number): ScalingState {
  switch (resized.kind) {
    case 'resized':
      return settleWrite(noted, resized);
    case 'limited':
      return noteLimit(settleWrite(noted, resized), resized.limit, at);
    case 'overtaken':
    case 'unknown':
      return settleWrite(noted, { answered: resized.answered });
    case 'dry-run':
      return settleWrite(noted, { answered: true });
    default:
      return resized satisfies never;
  }
}

function notAQuantity(): Failure {
  return new Failure(
    'UNEXPECTED',
    'the decision is not a whole number from 0 on',
    'This is a bug in Drover: report it with the log lines around it. Drover holds and tries again at the next tick.',
  );
}
