import { AXIS_WIDTH, chartsOf, drawMarks, HEIGHT, plotOptions } from './chart-options.js';
import { h } from './dom.js';
import { count, dateOf, plural, span } from './format.js';

/* global uPlot */

/** The cursor shows a change that is at most this many pixels away. */
const NEAR_PX = 10;
/** Between the cursor and the tooltip. */
const GAP_PX = 14;

/** Jobs, waits and workers over the same time, one above the other, with changes marked. */
export class Charts {
  #host;
  #noun;
  #charts;
  #tip;
  #plots = [];
  #series;
  #type;

  constructor(host, noun) {
    this.#host = host;
    this.#noun = noun;
    this.#charts = chartsOf(noun);
    this.#tip = h('div', { class: 'tip', role: 'status', hidden: true });
    host.append(...this.#charts.map(figure), this.#tip);
    host.addEventListener('keydown', (event) => this.#onKey(event));
    host.addEventListener('focusout', () => this.#hideTip());
    host.addEventListener('mouseleave', () => this.#hideTip());
    new ResizeObserver(() => this.#resize()).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  /** `series` has times in epoch seconds; `type` the lines and changes of one process type. */
  set(series, type) {
    const drawn = this.#series && this.#plots.length > 0;
    this.#series = series;
    this.#type = type;
    if (!drawn) return this.#draw();
    this.#plots.forEach((plot, index) => {
      plot.setData(this.#data(this.#charts[index]), false);
      plot.setScale('x', { min: series.from, max: series.to });
    });
    return undefined;
  }

  #data({ lines }) {
    return [
      this.#series.times,
      ...lines.map(({ name, scale = 1 }) =>
        this.#type.lines[name].map((value) => (value === null ? null : value * scale)),
      ),
    ];
  }

  #draw() {
    if (!this.#series) return;
    for (const plot of this.#plots) plot.destroy();
    const hosts = this.#host.querySelectorAll('.plot');
    this.#plots = this.#charts.map((chart, index) => {
      const hooks = {
        // The cursor is synchronized: only the plot under the pointer has an event.
        setCursor: [(plot) => plot === this.#plots[index] && plot.cursor.event && this.#onCursor(plot)],
        draw: chart.marks ? [(plot) => drawMarks(plot, this.#type.changes)] : [],
      };
      const options = plotOptions(chart, this.#series, this.#width(), hooks);
      return new uPlot(options, this.#data(chart), hosts[index]);
    });
  }

  #onCursor(plot) {
    const { idx, left } = plot.cursor;
    if (idx === null || idx === undefined || left < 0) return this.#hideTip();
    return this.#showTip(plot, idx, left);
  }

  #showTip(plot, idx, left) {
    const at = this.#series.times[idx] * 1000;
    this.#tip.replaceChildren(
      h('p', { class: 'when' }, dateOf(at)),
      h('p', {}, this.#textAt(idx)),
      ...changeParts(this.#nearestChange(plot, left)),
    );
    this.#tip.hidden = false;
    const { clientWidth } = this.#host;
    const offset = left > clientWidth / 2 ? -this.#tip.offsetWidth - GAP_PX : GAP_PX;
    const edge = clientWidth - this.#tip.offsetWidth;
    this.#tip.style.left = `${Math.max(0, Math.min(edge, AXIS_WIDTH + left + offset))}px`;
  }

  #textAt(idx) {
    const value = (name) => this.#type.lines[name][idx];
    if (value('quantity') === null) return 'no tick at this time';
    return `${plural(value('ready'), 'job')} waiting, ${count(value('active'))} running, longest wait ${span(value('waitMs'))}; ${plural(value('quantity'), this.#noun)} set, ${count(value('wanted'))} wanted`;
  }

  #nearestChange(plot, left) {
    const distance = ({ at }) => Math.abs(plot.valToPos(at / 1000, 'x') - left);
    return this.#type.changes
      .filter((change) => distance(change) <= NEAR_PX)
      .toSorted((a, b) => distance(a) - distance(b))[0];
  }

  #hideTip() {
    this.#tip.hidden = true;
  }

  /** Left and right move through time, with Shift from change to change. */
  #onKey(event) {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const plot = this.#plots.at(-1);
    if (event.key === 'Escape') return this.#hideTip();
    if (direction === undefined || !plot) return undefined;
    event.preventDefault();
    const { times } = this.#series;
    const now = plot.cursor.idx ?? times.length - 1;
    let idx = Math.min(times.length - 1, Math.max(0, now + direction));
    if (event.shiftKey) {
      const marks = this.#type.changes.map(({ at }) => nearestIndex(times, at / 1000));
      idx = (direction < 0 ? marks.findLast((mark) => mark < now) : marks.find((mark) => mark > now)) ?? idx;
    }
    const left = plot.valToPos(times[idx], 'x');
    for (const each of this.#plots) each.setCursor({ left, top: HEIGHT / 2 });
    return this.#showTip(plot, idx, left);
  }

  #width() {
    return Math.max(200, this.#host.clientWidth);
  }

  #resize() {
    for (const plot of this.#plots)
      if (plot.width !== this.#width()) plot.setSize({ width: this.#width(), height: HEIGHT });
  }
}

function figure({ title, keys }) {
  return h(
    'figure',
    {},
    h(
      'figcaption',
      {},
      h('strong', {}, title),
      ...keys.map(([text, color, form]) => h('span', { class: `key ${form}`, 'data-color': color }, text)),
    ),
    h('div', { class: 'plot' }),
  );
}

function changeParts(change) {
  if (!change) return [];
  const { at, from, to, failed, reason } = change;
  return [
    h('p', { class: 'why' }, h('strong', {}, `${from} → ${to}`), ` at ${dateOf(at)}`),
    h('p', {}, failed ? `failed: ${failed}` : reason),
  ];
}

function nearestIndex(times, at) {
  const after = times.findIndex((time) => time >= at);
  return after < 0 ? times.length - 1 : after;
}
