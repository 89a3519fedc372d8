import { Charts } from './charts.js';
import { h, show, table } from './dom.js';
import { brief, count, dateOf, plural, span, sum, timeOf, usd } from './format.js';

const RANGES = [
  ['hour', 'Hour'],
  ['day', 'Day'],
  ['week', 'Week'],
];
/** What is drawn is bounded here: a figure may be anything. */
const MOST_CELLS = 60;
const MOST_QUEUES = 100;
const MOST_ROWS = 12;
const UNITS = { demand: 'job', forecast: 'job' };

/** Everything about one process type. Built once; `status` and `series` fill it as they come. */
export class Panel {
  #charts;
  #parts = {};
  #onRange;

  constructor(host, onRange) {
    this.#onRange = onRange;
    const part = (name, tag = 'div', props = {}) => (this.#parts[name] = h(tag, props));
    const chartHost = h('div', {
      class: 'charts',
      tabindex: '0',
      role: 'group',
      'aria-label':
        'Charts of jobs, waits and dynos. Arrow keys step through time, with Shift from change to change.',
    });
    host.replaceChildren(
      part('tiles', 'dl', { class: 'tiles' }),
      h(
        'section',
        { class: 'card', 'aria-labelledby': 'decision-title' },
        h('h2', { id: 'decision-title' }, 'The decision'),
        part('decision'),
      ),
      h(
        'section',
        { class: 'card', 'aria-labelledby': 'charts-title' },
        h('div', { class: 'head' }, h('h2', { id: 'charts-title' }, 'Over time'), this.#rangePicker()),
        part('chartsState', 'p', { class: 'empty small' }),
        chartHost,
      ),
      h(
        'div',
        { class: 'columns' },
        h(
          'section',
          { class: 'card', 'aria-labelledby': 'queues-title' },
          h('h2', { id: 'queues-title' }, 'Queues'),
          part('queues'),
        ),
        h(
          'section',
          { class: 'card', 'aria-labelledby': 'changes-title' },
          h('h2', { id: 'changes-title' }, 'Changes'),
          part('changes'),
        ),
      ),
      h(
        'section',
        { class: 'card', 'aria-labelledby': 'beliefs-title' },
        h('h2', { id: 'beliefs-title' }, 'Believed'),
        part('beliefs'),
      ),
      h(
        'section',
        { class: 'card', 'aria-labelledby': 'bursts-title' },
        h('h2', { id: 'bursts-title' }, 'Bursts'),
        part('bursts'),
      ),
    );
    this.#charts = new Charts(chartHost);
    this.#say('Reading the past…');
  }

  status(type, all) {
    show(this.#parts.beliefs, beliefs(type, all));
    const { latest } = type;
    if (!latest) {
      show(this.#parts.tiles);
      show(this.#parts.decision, h('p', { class: 'empty small' }, 'Nothing could be decided yet.'));
      return;
    }
    show(this.#parts.tiles, ...tiles(type, latest));
    show(this.#parts.decision, ...decision(latest));
    show(this.#parts.queues, queues(latest));
  }

  series(series, range, type) {
    for (const input of this.#parts.range.querySelectorAll('input')) input.checked = input.value === range;
    const empty = !type || series.times.length < 2;
    this.#say(empty ? 'Nothing is recorded of this time yet. The first line appears after two minutes.' : '');
    show(this.#parts.changes, changes(type?.changes ?? []));
    show(this.#parts.bursts, bursts(type?.bursts ?? []));
    if (!empty) this.#charts.set(series, type);
  }

  failed() {
    this.#say('The past could not be read. It is tried again with the next tick.');
  }

  #say(words) {
    this.#parts.chartsState.textContent = words;
    this.#parts.chartsState.hidden = words === '';
  }

  #rangePicker() {
    this.#parts.range = h(
      'fieldset',
      { class: 'segments' },
      h('legend', { class: 'hidden' }, 'Time shown'),
      RANGES.map(([value, words]) =>
        h(
          'label',
          {},
          h('input', { type: 'radio', name: 'range', value, onchange: () => this.#onRange(value) }),
          h('span', {}, words),
        ),
      ),
    );
    return this.#parts.range;
  }
}

function tiles(type, latest) {
  const ready = sum(latest.queues, (queue) => queue.ready);
  const active = sum(latest.queues, (queue) => queue.active);
  const waitMs = Math.max(0, ...latest.queues.map((queue) => queue.waitMs ?? 0));
  const late = latest.maxWaitMs !== undefined && waitMs > latest.maxWaitMs;
  const { today } = type;
  return [
    tile('Waiting', 'jobs', brief(ready), `${count(active)} running`),
    tile(
      'Oldest job waits',
      late ? 'bad' : 'wait',
      span(waitMs),
      latest.maxWaitMs === undefined
        ? 'no limit set'
        : `${late ? 'above' : 'within'} ${span(latest.maxWaitMs)}`,
    ),
    dynoTile(type, latest),
    tile('Cost today', '', usd(today?.costUsd), latest.size),
    tile('Saved today', 'good', usd(today?.savedUsd), `against ${plural(latest.max, 'dyno')} all day`),
  ];
}

function tile(name, tone, value, words, ...more) {
  return h(
    'div',
    { class: `tile ${tone}` },
    h('dt', {}, name),
    h('dd', { class: 'value' }, value),
    h('dd', { class: 'soft' }, words),
    ...more,
  );
}

function dynoTile({ starting, draining }, { quantity, to, min, max }) {
  const up = Math.max(0, quantity - starting - draining);
  const words = [
    `${count(up)} up`,
    ...(starting > 0 ? [`${count(starting)} starting`] : []),
    ...(draining > 0 ? [`${count(draining)} draining`] : []),
    `${count(to)} wanted`,
    `limits ${min}–${max}`,
  ];
  const kinds = [
    ...repeat('up', up),
    ...repeat('starting', starting),
    ...repeat('draining', draining),
    ...repeat('free', max - quantity),
  ];
  const cells = h(
    'dd',
    { class: 'cells', 'aria-hidden': 'true' },
    kinds.slice(0, MOST_CELLS).map((kind) => h('i', { class: kind })),
  );
  return tile('Dynos', 'dynos wide', count(quantity), words.join(' · '), cells);
}

const repeat = (kind, times) => Array.from({ length: Math.max(0, Math.min(MOST_CELLS, times)) }, () => kind);

function decision(latest) {
  const bound = latest.steps.findLastIndex((step, index) => {
    const before = latest.steps[index - 1];
    return before && !(before.stage in UNITS) && before.count !== step.count;
  });
  const steps = latest.steps.map(({ stage, count: value, note }, index) =>
    h(
      'li',
      { class: index === bound ? 'bound' : undefined },
      h('span', { class: 'stage' }, stage),
      h(
        'span',
        { class: 'number' },
        brief(value),
        ' ',
        h('small', {}, `${UNITS[stage] ?? 'dyno'}${value === 1 ? '' : 's'}`),
      ),
      index === bound ? h('span', { class: 'hidden' }, '(had the last word)') : undefined,
      note ? h('span', { class: 'note' }, note) : undefined,
    ),
  );
  return [
    ...(latest.hold ? [h('p', { class: 'held' }, h('strong', {}, 'Held: '), latest.hold.words)] : []),
    h('p', { class: 'reason' }, latest.reason),
    h('ol', { class: 'steps' }, steps),
  ];
}

function queues(latest) {
  const rows = latest.queues
    .slice(0, MOST_QUEUES)
    .map((queue) => [
      queue.name,
      count(queue.ready),
      count(queue.active),
      queue.waitMs === undefined ? '–' : span(queue.waitMs),
      remarks(queue).join(', '),
    ]);
  const broken = latest.unreadable
    .slice(0, MOST_QUEUES)
    .map((name) => [name, '?', '?', '?', 'cannot be read']);
  if (rows.length + broken.length === 0) return h('p', { class: 'empty small' }, 'No queue matches.');
  return table(
    'Queues',
    ['Queue', 'Waiting', 'Running', 'Oldest', h('span', { class: 'hidden' }, 'Remarks')],
    ['', 'n', 'n', 'n', ''],
    [...rows, ...broken],
  );
}

function remarks({ paused, orphaned, rateLimitedMs, concurrencyLimit }) {
  return [
    ...(paused ? ['paused'] : []),
    ...(orphaned ? [`${count(orphaned)} orphaned`] : []),
    ...(rateLimitedMs ? ['rate limited'] : []),
    ...(concurrencyLimit ? [`at most ${count(concurrencyLimit)} at once`] : []),
  ];
}

/** What Drover remembers of this process type and of all, and what ends it. `drover forget` takes the first column. */
function beliefs({ processType }, all) {
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
  if (rows.length === 0) return h('p', { class: 'empty small' }, 'Nothing is remembered that has an end.');
  return table('Believed', ['Kind', 'What', 'Since', 'Until', 'Ends'], ['', '', 'n', 'n', ''], rows);
}

function changes(list) {
  if (list.length === 0) return h('p', { class: 'empty small' }, 'No change in this time.');
  const items = list
    .slice(-MOST_ROWS)
    .toReversed()
    .map(({ at, from, to, reason, failed }) =>
      h(
        'li',
        { class: failed ? 'bad' : to > from ? 'up' : 'down' },
        h('time', { datetime: new Date(at).toISOString() }, dateOf(at)),
        h('strong', {}, `${from} → ${to}`),
        h('span', { class: 'soft' }, failed ?? reason),
      ),
    );
  const left = list.length - items.length;
  return h(
    'div',
    {},
    h('ol', { class: 'changes' }, items),
    left > 0 ? h('p', { class: 'soft' }, `and ${plural(left, 'change')} before`) : undefined,
  );
}

function bursts(list) {
  if (list.length === 0) return h('p', { class: 'empty small' }, 'No burst was over in this time.');
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
    ['Began', 'Jobs', 'Peak', 'Dynos', 'Longest wait', 'Until all done', 'Done at'],
    ['', 'n', 'n', 'n', 'n', 'n', 'n'],
    rows,
  );
}
