import { brief, count, dateOf, plural, span } from './format.js';
import { h } from './dom.js';

/* global uPlot */

const HEIGHT = 160;
const AXIS = 52;
/** A decision this near to the cursor, in pixels, is the one that is meant. */
const NEAR = 10;
/** Steps of an axis of time spans, in seconds. */
const SPAN_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** A canvas knows no `light-dark()`: an element of the page is asked what a colour comes to. */
const probe = h('i', { class: 'hidden' });
const ink = (name) => {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
};

const WHATS = [
  {
    title: 'Jobs',
    keys: [
      ['waiting', '--jobs', 'area'],
      ['running', '--active', 'line'],
    ],
    format: brief,
    lines: [
      { name: 'ready', ink: '--jobs', fill: '--jobs-fill' },
      { name: 'active', ink: '--active' },
    ],
    least: 5,
  },
  {
    title: 'Wait of the oldest job',
    keys: [],
    format: (value) => span(value * 1000),
    lines: [{ name: 'waitMs', ink: '--wait', fill: '--wait-fill', scale: 1 / 1000 }],
    least: 10,
    steps: SPAN_STEPS,
  },
  {
    title: 'Dynos',
    keys: [
      ['set', '--dynos', 'area'],
      ['wanted', '--wanted', 'dash'],
      ['maximum', '--limit', 'line'],
      ['a change', '--ink', 'mark'],
    ],
    format: count,
    lines: [
      { name: 'quantity', ink: '--dynos', fill: '--dynos-fill', stepped: true },
      { name: 'wanted', ink: '--wanted', stepped: true, dash: [4, 4] },
      { name: 'max', ink: '--limit', stepped: true },
    ],
    least: 2,
    steps: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    marks: true,
  },
];

/** Jobs, waits and dynos over the same time, one above the other, with the decisions marked. */
export class Charts {
  #host;
  #tip;
  #plots = [];
  #series;
  #type;

  constructor(host) {
    this.#host = host;
    this.#tip = h('div', { class: 'tip', role: 'status', hidden: true });
    host.append(
      ...WHATS.map(({ title, keys }) =>
        h(
          'figure',
          {},
          h(
            'figcaption',
            {},
            h('strong', {}, title),
            ...keys.map(([words, color, form]) =>
              h('span', { class: `key ${form}`, 'data-ink': color }, words),
            ),
          ),
          h('div', { class: 'plot' }),
        ),
      ),
      this.#tip,
    );
    host.addEventListener('keydown', (event) => this.#onKey(event));
    host.addEventListener('focusout', () => this.#leave());
    host.addEventListener('mouseleave', () => this.#leave());
    new ResizeObserver(() => this.#resize()).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  /** `series` holds times in epoch seconds; `type` the lines and changes of one process type. */
  set(series, type) {
    const same = this.#series && this.#plots.length > 0;
    this.#series = series;
    this.#type = type;
    if (!same) return this.#draw();
    this.#plots.forEach((plot, index) => {
      plot.setData(this.#data(WHATS[index]), false);
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
    const { from, to } = this.#series;
    const hosts = this.#host.querySelectorAll('.plot');
    this.#plots = WHATS.map((what, index) => {
      const axis = { stroke: ink('--soft'), font: '12px system-ui, sans-serif', ticks: { show: false } };
      const grid = { stroke: ink('--line'), width: 1 };
      const options = {
        width: this.#width(),
        height: HEIGHT,
        legend: { show: false },
        padding: [8, 10, 0, 0],
        cursor: { sync: { key: 'drover' }, drag: { x: false, y: false }, points: { size: 7 }, y: false },
        scales: {
          x: { min: from, max: to, auto: false, range: (_, min, max) => [min, max] },
          y: { range: (_, __, high) => [0, Math.max(what.least, (high ?? 0) * 1.12)] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 28, space: 70, values: timeLabels },
          {
            ...axis,
            grid,
            size: AXIS,
            space: 34,
            incrs: what.steps,
            values: (_, values) => values.map((value) => what.format(value)),
          },
        ],
        series: [
          {},
          ...what.lines.map(({ ink: color, fill, stepped, dash }) => ({
            stroke: ink(color),
            fill: fill && ink(fill),
            width: dash ? 1.25 : 1.75,
            dash,
            points: { show: false },
            paths: stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
          })),
        ],
        hooks: {
          setCursor: [(plot) => plot === this.#plots[index] && plot.cursor.event && this.#hover(plot)],
          draw: what.marks ? [(plot) => this.#mark(plot)] : [],
        },
      };
      return new uPlot(options, this.#data(what), hosts[index]);
    });
  }

  /** A triangle at each change, pointing the way it went. */
  #mark(plot) {
    const { ctx } = plot;
    const size = 4.5 * devicePixelRatio;
    ctx.save();
    ctx.fillStyle = ink('--ink');
    ctx.strokeStyle = ink('--surface');
    ctx.lineWidth = devicePixelRatio;
    for (const { at, from, to } of this.#type.changes) {
      const x = plot.valToPos(at / 1000, 'x', true);
      if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue;
      const y = plot.valToPos(to, 'y', true);
      const way = to < from ? 1 : -1;
      ctx.beginPath();
      ctx.moveTo(x, y + way * size);
      ctx.lineTo(x - size, y - way * size);
      ctx.lineTo(x + size, y - way * size);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
    ctx.restore();
  }

  #hover(plot) {
    const { idx, left } = plot.cursor;
    if (idx === null || idx === undefined || left < 0) return this.#leave();
    return this.#tell(plot, idx, left);
  }

  #tell(plot, idx, left) {
    const at = this.#series.times[idx] * 1000;
    const value = (name) => this.#type.lines[name][idx];
    const change = this.#nearest(plot, left);
    const known = value('quantity') !== null;
    this.#tip.replaceChildren(
      h('p', { class: 'when' }, dateOf(at)),
      known
        ? h(
            'p',
            {},
            `${plural(value('ready'), 'job')} waiting, ${count(value('active'))} running, oldest ${span(value('waitMs'))}; ${plural(value('quantity'), 'dyno')} set, ${count(value('wanted'))} wanted`,
          )
        : h('p', {}, 'no tick'),
      ...(change
        ? [
            h(
              'p',
              { class: 'why' },
              h('strong', {}, `${change.from} → ${change.to}`),
              ` at ${dateOf(change.at)}`,
            ),
            h('p', {}, change.failed ?? change.reason),
          ]
        : []),
    );
    this.#tip.hidden = false;
    const edge = this.#host.clientWidth - this.#tip.offsetWidth;
    this.#tip.style.left = `${Math.max(0, Math.min(edge, AXIS + left + (left > this.#host.clientWidth / 2 ? -this.#tip.offsetWidth - 14 : 14)))}px`;
  }

  #nearest(plot, left) {
    const distance = ({ at }) => Math.abs(plot.valToPos(at / 1000, 'x') - left);
    return this.#type.changes
      .filter((change) => distance(change) <= NEAR)
      .toSorted((a, b) => distance(a) - distance(b))[0];
  }

  #leave() {
    this.#tip.hidden = true;
  }

  /** Left and right step through time, with Shift from change to change. */
  #onKey(event) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const plot = this.#plots.at(-1);
    if (event.key === 'Escape') return this.#leave();
    if (way === undefined || !plot) return undefined;
    event.preventDefault();
    const { times } = this.#series;
    const now = plot.cursor.idx ?? times.length - 1;
    let idx = Math.min(times.length - 1, Math.max(0, now + way));
    if (event.shiftKey) {
      const marks = this.#type.changes.map(({ at }) => nearestIndex(times, at / 1000));
      idx = (way < 0 ? marks.findLast((mark) => mark < now) : marks.find((mark) => mark > now)) ?? idx;
    }
    const left = plot.valToPos(times[idx], 'x');
    for (const each of this.#plots) each.setCursor({ left, top: HEIGHT / 2 });
    return this.#tell(plot, idx, left);
  }

  #width() {
    return Math.max(200, this.#host.clientWidth);
  }

  #resize() {
    for (const plot of this.#plots)
      if (plot.width !== this.#width()) plot.setSize({ width: this.#width(), height: HEIGHT });
  }
}

function nearestIndex(times, at) {
  const after = times.findIndex((time) => time >= at);
  return after < 0 ? times.length - 1 : after;
}

function timeLabels(_, values, __, ___, step) {
  const options =
    step >= 86_400
      ? { weekday: 'short', day: 'numeric' }
      : { hour: '2-digit', minute: '2-digit', hour12: false };
  const label = new Intl.DateTimeFormat(undefined, options);
  return values.map((value) => label.format(value * 1000));
}
