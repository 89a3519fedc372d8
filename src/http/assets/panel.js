import { Charts } from './charts.js';
import { decision } from './decision.js';
import { h, show } from './dom.js';
import { beliefs, bursts, changes, queues } from './tables.js';
import { tiles } from './tiles.js';

const RANGES = [
  ['hour', 'Hour'],
  ['day', 'Day'],
  ['week', 'Week'],
];

/** Everything about one process type. Built once; `status` and `series` fill it as data arrives. */
export class Panel {
  #charts;
  #parts = {};
  #noun;
  #onRange;

  /** `noun` is what the platform calls one worker. */
  constructor(host, noun, onRange) {
    this.#noun = noun;
    this.#onRange = onRange;
    const part = (name, tag = 'div', props = {}) => (this.#parts[name] = h(tag, props));
    const chartHost = h('div', {
      class: 'charts',
      tabindex: '0',
      role: 'group',
      'aria-label': `Charts of jobs, waits and ${noun}s. Arrow keys move through time; with Shift, from change to change.`,
    });
    host.replaceChildren(
      part('tiles', 'dl', { class: 'tiles' }),
      card('decision', 'Decision', part('decision')),
      h(
        'section',
        { class: 'card', 'aria-labelledby': 'history-title' },
        h('div', { class: 'head' }, h('h2', { id: 'history-title' }, 'History'), this.#rangePicker()),
        part('historyState', 'p', { class: 'empty small' }),
        chartHost,
      ),
      h(
        'div',
        { class: 'columns' },
        card('queues', 'Queues', part('queues')),
        card('changes', 'Changes', part('changes')),
      ),
      card('beliefs', 'Beliefs', part('beliefs')),
      card('bursts', 'Bursts', part('bursts')),
    );
    this.#charts = new Charts(chartHost, noun);
    this.#showState('Loading history…');
  }

  status(type, allBeliefs) {
    show(this.#parts.beliefs, beliefs(type, allBeliefs));
    const { latest } = type;
    if (!latest) {
      show(this.#parts.tiles);
      show(this.#parts.decision, h('p', { class: 'empty small' }, 'No decision yet.'));
      return;
    }
    show(this.#parts.tiles, ...tiles(type, latest, this.#noun));
    show(this.#parts.decision, ...decision(latest, this.#noun));
    show(this.#parts.queues, queues(latest));
  }

  series(series, range, type) {
    for (const input of this.#parts.range.querySelectorAll('input')) input.checked = input.value === range;
    const empty = !type || series.times.length < 2;
    this.#showState(
      empty ? 'No history in this range yet. Charts appear about two minutes after the first tick.' : '',
    );
    show(this.#parts.changes, changes(type?.changes ?? []));
    show(this.#parts.bursts, bursts(type?.bursts ?? [], this.#noun));
    if (!empty) this.#charts.set(series, type);
  }

  failed() {
    this.#showState('Cannot read the history; retrying at the next tick.');
  }

  #showState(text) {
    this.#parts.historyState.textContent = text;
    this.#parts.historyState.hidden = text === '';
  }

  #rangePicker() {
    this.#parts.range = h(
      'fieldset',
      { class: 'segments' },
      h('legend', { class: 'hidden' }, 'Time range'),
      RANGES.map(([value, text]) =>
        h(
          'label',
          {},
          h('input', { type: 'radio', name: 'range', value, onchange: () => this.#onRange(value) }),
          h('span', {}, text),
        ),
      ),
    );
    return this.#parts.range;
  }
}

function card(name, title, content) {
  return h(
    'section',
    { class: 'card', 'aria-labelledby': `${name}-title` },
    h('h2', { id: `${name}-title` }, title),
    content,
  );
}
