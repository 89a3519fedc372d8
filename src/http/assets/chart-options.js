import { h } from './dom.js';
import { brief, capitalized, count, span } from './format.js';

/* global uPlot */

export const HEIGHT = 160;
export const AXIS_WIDTH = 52;
/** Axis increments for durations, in seconds. */
const SPAN_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** A canvas does not know `light-dark()`, so a hidden element computes the colour of a custom property. */
const probe = h('i', { class: 'hidden' });
export const colorOf = (name) => {
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
};

/** The charts from top to bottom. `keys` is the legend; `least` the smallest top of the value axis. */
export const chartsOf = (noun) => [
  {
    title: 'Jobs',
    keys: [
      ['waiting', '--jobs', 'area'],
      ['running', '--active', 'line'],
    ],
    format: brief,
    lines: [
      { name: 'ready', color: '--jobs', fill: '--jobs-fill' },
      { name: 'active', color: '--active' },
    ],
    least: 5,
  },
  {
    title: 'Longest wait',
    keys: [],
    format: (value) => span(value * 1000),
    lines: [{ name: 'waitMs', color: '--wait', fill: '--wait-fill', scale: 1 / 1000 }],
    least: 10,
    steps: SPAN_STEPS,
  },
  {
    title: `${capitalized(noun)}s`,
    keys: [
      ['set', '--workers', 'area'],
      ['wanted', '--wanted', 'dash'],
      ['maximum', '--limit', 'line'],
      ['change', '--ink', 'mark'],
    ],
    format: count,
    lines: [
      { name: 'quantity', color: '--workers', fill: '--workers-fill', stepped: true },
      { name: 'wanted', color: '--wanted', stepped: true, dash: [4, 4] },
      { name: 'max', color: '--limit', stepped: true },
    ],
    least: 2,
    steps: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    marks: true,
  },
];

/** uPlot's options for one chart over a time range, in the colours of the current scheme. */
export function plotOptions({ least, steps, format, lines }, { from, to }, width, hooks) {
  const axis = { stroke: colorOf('--soft'), font: '12px system-ui, sans-serif', ticks: { show: false } };
  const grid = { stroke: colorOf('--line'), width: 1 };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: { sync: { key: 'drover' }, drag: { x: false, y: false }, points: { size: 7 }, y: false },
    scales: {
      x: { min: from, max: to, auto: false, range: (_, min, max) => [min, max] },
      y: { range: (_, __, high) => [0, Math.max(least, (high ?? 0) * 1.12)] },
    },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 70, values: timeLabels },
      {
        ...axis,
        grid,
        size: AXIS_WIDTH,
        space: 34,
        incrs: steps,
        values: (_, values) => values.map((value) => format(value)),
      },
    ],
    series: [{}, ...lines.map(lineOptions)],
    hooks,
  };
}

function lineOptions({ color, fill, stepped, dash }) {
  return {
    stroke: colorOf(color),
    fill: fill && colorOf(fill),
    width: dash ? 1.25 : 1.75,
    dash,
    points: { show: false },
    paths: stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
  };
}

/** A triangle at each change, pointing up or down as the quantity went. */
export function drawMarks(plot, changes) {
  const { ctx } = plot;
  const size = 4.5 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = colorOf('--ink');
  ctx.strokeStyle = colorOf('--surface');
  ctx.lineWidth = devicePixelRatio;
  for (const { at, from, to } of changes) {
    const x = plot.valToPos(at / 1000, 'x', true);
    if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) continue;
    const y = plot.valToPos(to, 'y', true);
    const direction = to < from ? 1 : -1;
    ctx.beginPath();
    ctx.moveTo(x, y + direction * size);
    ctx.lineTo(x - size, y - direction * size);
    ctx.lineTo(x + size, y - direction * size);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
  }
  ctx.restore();
}

/** uPlot calls this with (plot, values, axis, space, increment). */
function timeLabels(...[, values, , , increment]) {
  const options =
    increment >= 86_400
      ? { weekday: 'short', day: 'numeric' }
      : { hour: '2-digit', minute: '2-digit', hour12: false };
  const label = new Intl.DateTimeFormat(undefined, options);
  return values.map((value) => label.format(value * 1000));
}
