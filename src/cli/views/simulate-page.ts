import { readFile } from 'node:fs/promises';

import type { SimulationRun } from '../../sim/index.ts';
import { PAGE_SCRIPT } from './simulate-page-script.ts';
import { PAGE_STYLE } from './simulate-page-style.ts';
import { figureRows, headline, HEADING, type Simulation } from './simulate.ts';

/** A page that needs nothing but itself: the chart library, the figures and the series are all in it. */
export async function simulationPage(simulation: Simulation): Promise<string> {
  const dist = import.meta.resolve('uplot');
  const [library, style] = await Promise.all([
    readFile(new URL('uPlot.iife.min.js', dist), 'utf8'),
    readFile(new URL('uPlot.min.css', dist), 'utf8'),
  ]);
  const title = escape(`${simulation.workload.name}: simulated`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}${PAGE_STYLE}</style>
<h1>${title}</h1>
<p>${escape(headline(simulation))}</p>
<p>${escape(simulation.note ?? '')}</p>
<h2>Cost against lateness</h2>
<p>Lower left is better: fewer dyno-hours, fewer jobs late.</p>
<div id="tradeoff"></div>
<h2>Over time</h2>
<p>A click on a name shows or hides its line. Drag over a span to look closer, double-click to see all.</p>
<div id="backlog"></div>
<div id="dynos"></div>
<div id="wait"></div>
<h2>Figures</h2>
<div class="wide">${figureTable(simulation)}</div>
<p>Waits are from the moment a job could start to its start, in seconds. Best fixed: the smallest constant number
with at most 5 % late, known only afterwards.</p>
<script type="application/json" id="runs">${embedded(simulation.runs)}</script>
<script>${library}</script>
<script>${PAGE_SCRIPT}</script>
</html>
`;
}

function figureTable(simulation: Simulation): string {
  const cells = (tag: string, row: readonly string[]): string =>
    `<tr>${row
      .slice(0, -1)
      .map((cell) => `<${tag}>${escape(cell)}</${tag}>`)
      .join('')}</tr>`;
  const rows = figureRows(simulation).map((row) => cells('td', row));
  return `<table><thead>${cells('th', HEADING)}</thead><tbody>${rows.join('')}</tbody></table>`;
}

/** JSON in an element ends at the first `</script`, so no `<` is left in it. */
function embedded(runs: readonly SimulationRun[]): string {
  const rounded = runs.map(({ name, figures, series }) => ({
    name,
    dynoHours: figures.dynoHours,
    latePercent: 100 * figures.late,
    stepS: series.stepMs / 1000,
    backlog: series.backlog,
    dynos: series.dynos,
    wait: series.waitSeconds.map(Math.round),
  }));
  return JSON.stringify(rounded).replaceAll('<', '\\u003c');
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
