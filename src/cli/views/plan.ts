import type { QueueObservation } from '../../core/types.ts';
import { describe, describeHold } from '../../reporting/describe.ts';
import { decidedOf, failureIn, type Outcome, type Tick } from '../../control/outcome.ts';
import { counted, number, span } from './figures.ts';
import { table } from './table.ts';
import { folded } from './wrap.ts';

/** A tick as text: the queues, the steps, the verdict. */
export function planText(appName: string, tick: Tick): string {
  return tick.outcomes.map((outcome) => outcomeText(appName, tick.at, outcome)).join('\n\n');
}

function outcomeText(appName: string, at: number, outcome: Outcome): string {
  const decided = decidedOf(outcome);
  if (decided === undefined) return folded(describe(outcome)).join('\n');
  const { processType, formation, backlog, decision, policy } = decided;
  const { noun = 'worker' } = policy;
  const size = formation.size === '' ? '' : ` of size ${formation.size}`;
  const head = `${processType} on ${appName}: ${counted(formation.quantity, noun)}${size}`;
  const queues = table([
    ['queue', 'waiting', 'prioritized', 'due', 'due soon', 'active', 'oldest', ''],
    ...backlog.queues.map((queue) => queueRow(queue, at)),
    ...backlog.unreadable.map(({ queue }) => [queue, '?', '?', '?', '?', '?', '?', '']),
  ]);
  const steps = table([
    ['step', 'count', ''],
    ...decision.steps.map(({ stage, count, note }) => [stage, number(count), note ?? '']),
  ]);
  const verdict =
    outcome.kind === 'held'
      ? `Would hold at ${decision.from}: ${describeHold(outcome.hold)}.`
      : decision.to === decision.from
        ? `Would change nothing: ${decision.reason}.`
        : `Would set ${processType} to ${decision.to}: ${decision.reason}.`;
  const remedies = backlog.unreadable.map(({ failure }) => `${failure.message}. ${failure.remedy}`);
  return [head, '', ...queues, '', ...steps, '', ...[verdict, ...remedies].flatMap(folded)].join('\n');
}

function queueRow(queue: QueueObservation, at: number): string[] {
  const oldest = queue.oldestReadyAt === undefined ? '-' : span(at - queue.oldestReadyAt);
  const counts = [queue.waiting, queue.prioritized, queue.due, queue.dueSoon - queue.due, queue.active];
  return [queue.name, ...counts.map(number), oldest, remarks(queue).join(', ')];
}

function remarks(queue: QueueObservation): string[] {
  return [
    ...(queue.paused ? ['paused'] : []),
    ...((queue.orphaned ?? 0) > 0 ? [`${queue.orphaned} orphaned`] : []),
    ...((queue.rateLimitedMs ?? 0) > 0 ? [`rate limited for ${span(queue.rateLimitedMs ?? 0)}`] : []),
    ...(queue.concurrencyLimit === undefined ? [] : [`global concurrency ${queue.concurrencyLimit}`]),
  ];
}

/** A tick as JSON. */
export function planJson(tick: Tick): string {
  return JSON.stringify(
    {
      at: new Date(tick.at).toISOString(),
      processTypes: tick.outcomes.map((outcome) => {
        const { processType } = outcome;
        const decided = decidedOf(outcome);
        const failed = failureIn(outcome);
        if (decided === undefined) return { processType, failure: failed && failureJson(failed) };
        const { formation, backlog, decision } = decided;
        return {
          processType,
          size: formation.size,
          queues: backlog.queues,
          unreadable: backlog.unreadable.map(({ queue, failure }) => ({ queue, ...failureJson(failure) })),
          decision,
          ...(outcome.kind === 'held'
            ? { hold: { ...outcome.hold, words: describeHold(outcome.hold) } }
            : {}),
        };
      }),
    },
    null,
    2,
  );
}

function failureJson({
  code,
  message,
  remedy,
}: {
  code: string;
  message: string;
  remedy: string;
}): Record<string, string> {
  return { code, message, remedy };
}
