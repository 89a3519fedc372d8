import { h, table } from './dom.js';
import { capitalized, count, dateOf, plural, span, timeOf } from './format.js';

/** Rows are bounded, as a pattern may match thousands of queues. */
const MOST_QUEUES = 100;
const MOST_ROWS = 12;

const empty = (text) => h('p', { class: 'empty small' }, text);

export function queues(latest) {
  const rows = latest.queues
    .slice(0, MOST_QUEUES)
    .map((queue) => [
      queue.name,
      count(queue.ready),
      count(queue.active),
      queue.waitMs === undefined ? '–' : span(queue.waitMs),
      notes(queue).join(', '),
    ]);
  const unreadable = latest.unreadable
    .slice(0, MOST_QUEUES)
    .map((name) => [name, '?', '?', '?', 'unreadable']);
  if (rows.length + unreadable.length === 0) return empty('No matching queue.');
  return table(
    'Queues',
    ['Queue', 'Waiting', 'Running', 'Longest wait', h('span', { class: 'hidden' }, 'Notes')],
    ['', 'n', 'n', 'n', ''],
    [...rows, ...unreadable],
  );
}

function notes({ paused, orphaned, rateLimitedMs, concurrencyLimit }) {
  return [
    ...(paused ? ['paused'] : []),
    ...(orphaned ? [`${count(orphaned)} orphaned`] : []),
    ...(rateLimitedMs ? ['rate limited'] : []),
    ...(concurrencyLimit ? [`at most ${count(concurrencyLimit)} at once`] : []),
  ];
}

/** Beliefs about this process type and about all of them. `drover forget` takes the kind. */
export function beliefs({ processType }, all) {
  const now = Date.now();
  const rows = all
    .filter((belief) => belief.processType === undefined || belief.processType === processType)
    .slice(0, MOST_ROWS)
    .map(({ kind, words, since, until, ends }) => [
      kind,
      words,
      dateOf(since),
      until === undefined || until < now ? '–' : dateOf(until),
      ends,
    ]);
  if (rows.length === 0) return empty('No beliefs.');
  return table('Beliefs', ['Kind', 'Belief', 'Since', 'Until', 'Ends'], ['', '', 'n', 'n', ''], rows);
}

export function changes(list) {
  if (list.length === 0) return empty('No changes in this range.');
  const items = list
    .slice(-MOST_ROWS)
    .toReversed()
    .map(({ at, from, to, reason, failed }) =>
      h(
        'li',
        { class: failed ? 'bad' : to > from ? 'up' : 'down' },
        h('time', { datetime: new Date(at).toISOString() }, dateOf(at)),
        h('strong', {}, `${from} → ${to}`),
        h('span', { class: 'soft' }, failed ? `failed: ${failed}` : reason),
      ),
    );
  const left = list.length - items.length;
  return h(
    'div',
    {},
    h('ol', { class: 'changes' }, items),
    left > 0 ? h('p', { class: 'soft' }, `and ${plural(left, 'earlier change')}`) : undefined,
  );
}

export function bursts(list, noun) {
  if (list.length === 0) return empty('No burst ended in this range.');
  const rows = list
    .slice(-MOST_ROWS)
    .toReversed()
    .map((burst) => [
      dateOf(burst.startedAt),
      count(burst.jobs),
      count(burst.peak),
      `${burst.dynos.before} → ${burst.dynos.most}`,
      span(burst.waitMs),
      span(burst.endedAt - burst.startedAt),
      timeOf(burst.endedAt),
    ]);
  return table(
    'Bursts',
    ['Started', 'Jobs', 'Peak', `${capitalized(noun)}s`, 'Longest wait', 'Duration', 'Ended'],
    ['', 'n', 'n', 'n', 'n', 'n', 'n'],
    rows,
  );
}
