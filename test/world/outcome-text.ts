import { decidedOf, failureIn, type Tick } from '../../src/control/outcome.ts';

/** What came of a tick for one process type, for the story. */
export function outcomeText(outcome: Tick['outcomes'][number]): string {
  const decided = decidedOf(outcome);
  const code = failureIn(outcome)?.code;
  if (decided === undefined) return `${outcome.processType} failed: ${code}`;
  const { processType, decision } = decided;
  const parts = [
    `${processType} ${decision.from} → ${decision.to}`,
    ...(outcome.kind === 'held' ? [`held: ${outcome.hold.kind}`] : []),
    ...(code === undefined ? [] : [`failed: ${code}`]),
    ...(outcome.kind === 'resized' ? [outcome.resized.kind] : []),
  ];
  return parts.join(' ');
}
