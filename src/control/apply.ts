import { withoutWait } from '../core/memory.ts';
import { noteLimit, noteWrite, settleWrite, type ScalingState } from '../core/scaling-state.ts';
import type { ProcessTypeSettings } from '../config/settings.ts';
import { Failure, failureOf } from '../failure.ts';
import type { Remembered } from '../ports.ts';
import type { FormationState, Resize, Resized, Standstill } from '../ports/platform.ts';
import type { TickContext } from './context.ts';
import { LONGEST_UNTIL_SENT_MS, removable, requestDrain, wronglyMarked } from './drain.ts';
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
  const { processType } = settings;
  const decided: Decided = {
    ...{ processType, backlog, formation, decision, policy },
    working: plan.cooperating ? Math.min(plan.nextWanted, plan.uncertainAbove) : undefined,
  };
  let noted = scaling;
  try {
    const { hold, draining } = await prepare(context, reading, plan);
    if (hold)
      return {
        outcome: { kind: 'held', ...decided, hold },
        remembered: { memory: withoutWait(memory), scaling },
      };
    if (!plan.changes) return { outcome: { kind: 'unchanged', ...decided }, remembered: { memory, scaling } };

    await confirmWrite(context, decision.to);
    noted = noteWrite(scaling, formation.quantity, decision.to, context.at);
    const remove = removable(plan.where, draining, decision.to);
    const resized = await resize(context, settings, reading, { ...plan, scaling: noted, remove });
    return {
      outcome: { kind: 'resized', ...decided, resized },
      remembered: { memory, scaling: settle(noted, resized, context.at) },
    };
  } catch (thrown) {
    const outcome: Outcome = { kind: 'failed', processType, failure: failureOf(thrown), decided };
    // A write that was refused cannot be carried out later.
    const settled = noted === scaling ? scaling : settleWrite(noted, { answered: true });
    return { outcome, remembered: { memory, scaling: settled } };
  }
}

/** Why a plan is held after all, if it is, and which listed workers have been asked to drain. */
type Prepared = { readonly hold: Hold | undefined; readonly draining?: readonly string[] | undefined };

/** Asks workers to drain or to work on, as the plan wants it. */
async function prepare(context: TickContext, { formation, workers }: Reading, plan: Plan): Promise<Prepared> {
  const { changes, cooperating, nextWanted, uncertainAbove, decision, where } = plan;
  const { quantity, processType } = formation;
  const drains = cooperating && nextWanted < quantity;
  const hold =
    plan.hold === undefined && (changes || drains) ? await standstill(context, formation, plan) : plan.hold;
  if (!cooperating) {
    if (decision.to >= quantity) await unmark(context, processType, wronglyMarked(where, [], quantity));
    return { hold };
  }
  // Workers do not drain for a change that would be held.
  const { request } = workers;
  const working = Math.min(hold === undefined ? nextWanted : quantity, uncertainAbove);
  // A request that stays in force is renewed for the workers that this tick adds.
  const most = request === undefined || hold !== undefined ? quantity : Math.max(quantity, decision.to);
  const { inForce, names } = await requestDrain(
    context,
    formation,
    { request, listed: where.listed },
    { working, most, added: plan.added },
  ).catch((thrown: unknown) => {
    // More workers help even where those that drain cannot be called back.
    if (decision.to < quantity) throw thrown;
    return { inForce: false, names: [] };
  });
  await unmark(context, processType, wronglyMarked(where, names, quantity));
  const lapsed = !inForce && decision.to < quantity;
  return { hold: lapsed ? (hold ?? { kind: 'lapsed' }) : hold, draining: names };
}

async function standstill(
  { ports, signal }: TickContext,
  { processType, quantity }: FormationState,
  { decision }: Plan,
): Promise<Standstill | undefined> {
  const found = await ports.formation.standstill(processType, signal);
  return found?.kind === 'release' && found.mayGrow === true && decision.to > quantity ? undefined : found;
}

/** A mark that stays is taken back in the next tick. */
async function unmark(
  { ports, signal }: TickContext,
  processType: string,
  names: readonly string[],
): Promise<void> {
  if (names.length > 0) await ports.formation.unmark(processType, names, signal).catch(() => {});
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
  { decision, memory, scaling, remove }: Plan & Pick<Resize, 'remove'>,
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
      remove: to < from ? remove : undefined,
      // More workers are never wrong; which of them are drained may change.
      sendBeforeMs: to < from ? notBeforeMs + LONGEST_UNTIL_SENT_MS : undefined,
    },
    signal,
  );
}

function settle(noted: ScalingState, resized: Resized, at: number): ScalingState {
  switch (resized.kind) {
    case 'resized':
    case 'shadow':
      return settleWrite(noted, resized);
    case 'published':
      return settlePublished(noted, resized);
    case 'limited':
      return noteLimit(settleWrite(noted, resized), resized.limit, at);
    case 'overtaken':
    case 'withheld':
    case 'unknown':
      return settleWrite(noted, { answered: resized.answered });
    case 'dry-run':
      return settleWrite(noted, { answered: true });
    default:
      return resized satisfies never;
  }
}

/** Published in each tick until it is set: its boots begin with the first time. */
function settlePublished(
  noted: ScalingState,
  { quantity, wanted, answered }: Extract<Resized, { kind: 'published' }>,
): ScalingState {
  const settled = settleWrite(noted, { quantity: wanted, answered });
  return noted.raised?.above === quantity ? { ...settled, raised: noted.raised } : settled;
}

function notAQuantity(): Failure {
  return new Failure(
    'UNEXPECTED',
    'the decision is not a whole number from 0 on',
    'This is a bug in Drover: report it with the log lines around it. Drover holds and tries again at the next tick.',
  );
}
