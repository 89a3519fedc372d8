import { readFile } from 'node:fs/promises';

import type { SimulationRun } from '../../sim/index.ts';
import { escapeHtml, htmlTable } from '../views/html.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';
import { figureRows, headline, HEADING, notesOf, type Simulation } from './text.ts';

/** A self-contained page: it includes the chart library, the figures and the series. */
export async function simulationPage(simulation: Simulation): Promise<string> {
  const dist = import.meta.resolve('uplot');
  const [library, style] = await Promise.all([
    readFile(new URL('uPlot.iife.min.js', dist), 'utf8'),
    readFile(new URL('uPlot.min.css', dist), 'utf8'),
  ]);
  const title = escapeHtml(`${simulation.workload.name}: simulation`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}${PAGE_STYLE}</style>
<h1>${title}</h1>
<p>${escapeHtml(headline(simulation))}</p>
<p>${escapeHtml(notesOf(simulation).join(' '))}</p>
<h2>Cost against lateness</h2>
<p>Lower left is better: fewer dyno-hours, fewer jobs late.</p>
<div id="tradeoff"></div>
<h2>Over time</h2>
<p>Click a name to show or hide its line. Drag to zoom in, double-click to zoom out.</p>
<div id="backlog"></div>
<div id="dynos"></div>
<div id="wait"></div>
<h2>Figures</h2>
<div class="wide">${htmlTable(shown(HEADING), figureRows(simulation).map(shown))}</div>
<p>Waits: seconds from when a job could start until it started. Smallest fixed: the smallest constant quantity with at
most 5 % of the jobs late; it is known only in hindsight.</p>
<script type="application/json" id="runs">${embedded(simulation.runs)}</script>
<script>${library}</script>
<script>${PAGE_SCRIPT}</script>
</html>
`;
}

/** The last column is for the terminal's remarks. */
function shown(row: readonly string[]): string[] {
  return row.slice(0, -1);
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
