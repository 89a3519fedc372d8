import { h } from './dom.js';
import { brief, capitalized, count, plural, span, sum, usd } from './format.js';

/** Cells are bounded, as a quantity may be any number. */
const MOST_CELLS = 60;

/** The key figures of one process type. */
export function tiles(type, latest, noun) {
  const ready = sum(latest.queues, (queue) => queue.ready);
  const active = sum(latest.queues, (queue) => queue.active);
  const waitMs = Math.max(0, ...latest.queues.map((queue) => queue.waitMs ?? 0));
  const late = latest.maxWaitMs !== undefined && waitMs > latest.maxWaitMs;
  const limit =
    latest.maxWaitMs === undefined
      ? 'no limit set'
      : `${late ? 'above' : 'within'} the ${span(latest.maxWaitMs)} limit`;
  const { today } = type;
  return [
    tile({ name: 'Waiting', tone: 'jobs' }, brief(ready), `${count(active)} running`),
    tile({ name: 'Longest wait', tone: late ? 'bad' : 'wait' }, span(waitMs), limit),
    workerTile(type, latest, noun),
    ...(today?.costUsd === undefined ? [] : costTiles(today, latest, noun)),
  ];
}

/** Not where no price is known. */
function costTiles({ costUsd, savedUsd }, { size, max }, noun) {
  return [
    tile({ name: 'Cost today', tone: '' }, usd(costUsd), size),
    tile({ name: 'Saved today', tone: 'good' }, usd(savedUsd), `vs. ${plural(max, noun)} all day`),
  ];
}

function tile({ name, tone }, value, text, ...more) {
  return h(
    'div',
    { class: `tile ${tone}` },
    h('dt', {}, name),
    h('dd', { class: 'value' }, value),
    h('dd', { class: 'soft' }, text),
    ...more,
  );
}

function workerTile({ starting, draining }, { quantity, actual, to, min, max }, noun) {
  const up = Math.max(0, quantity - starting - draining);
  const text = [
    `${count(up)} up`,
    ...(starting > 0 ? [`${count(starting)} starting`] : []),
    ...(draining > 0 ? [`${count(draining)} draining`] : []),
    `${count(to)} wanted`,
    `limits ${min}–${max}`,
    // Only of a shadow, whose quantity is not the platform's.
    ...(actual === undefined ? [] : [`${count(actual)} set on the platform`]),
  ].join(' · ');
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
  return tile({ name: `${capitalized(noun)}s`, tone: 'workers wide' }, count(quantity), text, cells);
}

const repeat = (kind, times) => Array.from({ length: Math.max(0, Math.min(MOST_CELLS, times)) }, () => kind);
