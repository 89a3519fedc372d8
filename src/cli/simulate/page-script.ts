/**
 * The page's script, for the browser. It shows Drover and the cheapest other policy that is no later; the others are
 * hidden until clicked.
 */
export const PAGE_SCRIPT = `
'use strict';
const runs = JSON.parse(document.getElementById('runs').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)');
const style = getComputedStyle(document.documentElement);
const ink = (name) => style.getPropertyValue(name).trim();
const hue = (index) => () => ink('--c' + (index % 9));
const axis = (label) => ({ label, size: 56, labelSize: 24, stroke: () => ink('--soft'),
  grid: { stroke: () => ink('--line'), width: 1 }, ticks: { stroke: () => ink('--line'), width: 1 } });
const width = () => Math.min(1100, document.body.clientWidth - 32);
const charts = [];
const draw = (id, options, data) => {
  const chart = new uPlot({ width: width(), height: 300, ...options }, data, document.getElementById(id));
  charts.push(chart);
};

const byCost = runs.map((run, index) => ({ run, index })).sort((a, b) => a.run.dynoHours - b.run.dynoHours);
draw('tradeoff', {
  title: 'Jobs late, %, by dyno-hours',
  scales: { x: { time: false, range: (_, low, high) => [0, high * 1.05] }, y: { range: (_, low, high) => [0, Math.max(5, high * 1.05)] } },
  cursor: { drag: { x: true, y: true } },
  axes: [axis('dyno-hours'), axis('late, %')],
  series: [{ label: 'dyno-hours', value: (_, value) => value == null ? '–' : value.toFixed(1) }, ...runs.map((run, index) => ({
    label: run.name, stroke: hue(index), paths: () => null,
    value: (_, value) => run.latePercent.toFixed(1) + ' % at ' + run.dynoHours.toFixed(1) + ' h',
    points: { show: true, size: index === 0 ? 14 : 10, fill: hue(index), stroke: hue(index) } }))],
}, [byCost.map(({ run }) => run.dynoHours),
  ...runs.map((_, own) => byCost.map(({ run, index }) => index === own ? run.latePercent : null))]);

const ours = runs[0];
const rival = runs.slice(1).filter((run) => run.latePercent <= Math.max(5, ours.latePercent))
  .sort((a, b) => a.dynoHours - b.dynoHours)[0];
const longest = Math.max(...runs.map((run) => run.dynos.length));
const hours = Array.from({ length: longest }, (_, index) => index * ours.stepS / 3600);
const sync = uPlot.sync('time');
const over = (id, title) => draw(id, {
  title, height: 240, scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(1, high * 1.05)] } },
  cursor: { sync: { key: sync.key } },
  axes: [axis('hours'), axis('')],
  series: [{ label: 'hours', value: (_, value) => value == null ? '–' : value.toFixed(2) }, ...runs.map((run, index) => ({
    label: run.name, stroke: hue(index), width: index === 0 ? 2 : 1.25, show: run === ours || run === rival }))],
}, [hours, ...runs.map((run) => hours.map((_, index) => run[id][index] ?? null))]);
over('backlog', 'Jobs that could start');
over('dynos', 'Dynos paid for');
over('wait', 'Wait of the oldest, s');

dark.addEventListener('change', () => charts.forEach((chart) => chart.redraw(false, true)));
addEventListener('resize', () => charts.forEach((chart) => chart.setSize({ width: width(), height: chart.height })));
`;
