import { h } from './dom.js';
import { dateOf, span, timeOf } from './format.js';

/** A tick later than this many intervals counts as missed. */
const MISSED_INTERVALS = 3;

const ageOf = ({ status }) => (status ? Math.max(0, Date.now() - status.at) : 0);
const isStale = (view) => view.status && ageOf(view) > MISSED_INTERVALS * view.status.tickMs;

/** What the operator must know before trusting any figure, most severe first. */
export function banners(view, { connected, requestFailed }) {
  const types = view.status?.types ?? [];
  const list = [
    ...(requestFailed
      ? [['bad', 'The request failed. Check that you are still signed in, then try again.']]
      : []),
    ...(connected ? [] : [['warn', 'Connection lost; reconnecting. The figures below may be out of date.']]),
    ...(isStale(view)
      ? [
          [
            'bad',
            `No tick for ${span(ageOf(view))}: the clock is not running or cannot write to Redis. The figures below are from ${timeOf(view.status.at)}.`,
          ],
        ]
      : []),
    ...types.flatMap(({ processType, failure, blindTicks }) =>
      failure
        ? [
            [
              blindTicks >= view.blindTicks ? 'bad' : 'warn',
              `${processType}: cannot read state; holding. ${failure.message}. ${failure.remedy}`,
            ],
          ]
        : [],
    ),
    ...types.flatMap(({ processType, latest }) =>
      latest?.failure
        ? [['bad', `${processType}: could not scale: ${latest.failure.message}. ${latest.failure.remedy}`]]
        : [],
    ),
    ...types.flatMap(({ processType, latest }) =>
      latest?.limit ? [['warn', `${processType}: ${latest.limit.message}. ${latest.limit.remedy}`]] : [],
    ),
    ...(view.status?.shadow ? [['pause', SHADOW]] : []),
    ...(view.pause ? [['pause', pauseText(view.pause)]] : []),
  ];
  return list.map(([tone, text]) => h('p', { class: `banner ${tone}` }, text));
}

const SHADOW =
  'Shadow: the quantities below are what Drover would set. It changes nothing. To start scaling, remove DRY_RUN from its settings.';

function pauseText({ by, until }) {
  const end = until === undefined ? 'until resumed' : `until ${dateOf(until)}`;
  return `Paused by ${by} ${end}. Drover keeps reading and reporting, and changes no quantity.`;
}

/** The state of the page in the header: a keyword for its style, and the text. */
export function pulse(view, connected) {
  const age = span(ageOf(view));
  if (!connected) return ['lost', 'reconnecting'];
  if (!view.status) return ['loading', 'no tick yet'];
  if (isStale(view)) return ['lost', `stale, last tick ${age} ago`];
  return view.pause ? ['paused', `paused, last tick ${age} ago`] : ['live', `live, last tick ${age} ago`];
}
