import { drawApps, ofApp } from './apps.js';
import { banners, pulse } from './banners.js';
import { h, show } from './dom.js';
import { count, span } from './format.js';
import { Panel } from './panel.js';
import { wirePause } from './pause.js';
import { Tabs } from './tabs.js';

const element = (id) => document.getElementById(id);
/** How long a failed pause or resume is shown. */
const FAILURE_MS = 15_000;
/** Longer ranges change slowly, so they are read less often than at every tick. */
const HISTORY_EVERY_MS = { hour: 0, day: 60_000, week: 300_000 };

let view;
let connected = false;
let failedAt = -Infinity;
let selected = decodeURIComponent(location.hash.slice(1));
let range = 'hour';
let panel;
let panelOf;
let historyAt = 0;
let historyTick;

const tabs = new Tabs(element('tabs'), element('panel'), select);

function typesOf() {
  return view?.status?.types ?? [];
}

function current() {
  return typesOf().find(({ processType }) => processType === selected) ?? typesOf()[0];
}

function draw() {
  if (!view) return;
  const { status, pause, noun } = view;
  drawState();
  drawApps(element('apps'), view.apps);
  element('pause').hidden = pause !== null;
  element('resume').hidden = pause === null;
  element('app-name').textContent = status?.appName ?? '';
  if (status) document.title = `${status.appName} – Drover`;
  element('notes').textContent = notes(view).join(' ');
  const type = current();
  tabs.draw(typesOf(), type?.processType, noun);
  if (!type) {
    show(element('panel'), noTick());
    return;
  }
  if (panelOf !== type.processType) {
    panel = new Panel(element('panel'), noun, (next) => {
      range = next;
      historyAt = 0;
      void readHistory();
    });
    panelOf = type.processType;
    historyAt = 0;
  }
  panel.status(type, status.beliefs ?? []);
}

/** The parts that show the age of the figures, which grows without any event. */
function drawState() {
  if (!view) return;
  const requestFailed = Date.now() - failedAt < FAILURE_MS;
  show(element('banners'), banners(view, { connected, requestFailed }));
  const [state, text] = pulse(view, connected);
  element('pulse').dataset.state = state;
  element('pulse-text').textContent = text;
}

function notes({ status, noun, platform, pricesAsOf }) {
  const left = status?.requestsLeft;
  const priced = typesOf().some(({ today }) => today?.costUsd !== undefined);
  return [
    ...(left === undefined ? [] : [`${count(left)} ${platform} API requests left this hour.`]),
    ...(status ? [`Tick interval ${span(status.tickMs)}; the last tick took ${status.tookMs} ms.`] : []),
    ...(priced ? [`Costs are based on ${pricesAsOf}.`] : []),
    ...(status ? [`Starting ${noun}s were requested less than one boot time ago.`] : []),
  ];
}

function noTick() {
  return h(
    'div',
    { class: 'empty' },
    h('p', {}, 'No tick recorded yet.'),
    h(
      'p',
      { class: 'soft' },
      'Start the clock with ',
      h('code', {}, 'drover run'),
      '. Its first tick will appear here automatically.',
    ),
  );
}

async function readHistory() {
  const type = current()?.processType;
  const every = HISTORY_EVERY_MS[range];
  const tick = view?.status?.at;
  if (!panel || (Date.now() - historyAt < every && historyAt > 0) || (historyAt > 0 && tick === historyTick))
    return;
  historyAt = Date.now();
  historyTick = tick;
  const requested = range;
  try {
    const answer = await fetch(ofApp(`/history?range=${requested}`));
    if (answer.status === 401) location.reload();
    else if (!answer.ok) panel.failed();
    else drawHistory(await answer.json(), requested, type);
  } catch {
    panel.failed();
  }
}

/** Ignores an answer for a process type or range that is no longer selected. */
function drawHistory(series, requested, type) {
  if (requested !== range || type !== current()?.processType) return;
  panel.series(
    series,
    requested,
    series.types.find(({ processType }) => processType === type),
  );
}

function listen() {
  const events = new EventSource(ofApp('/events'));
  events.addEventListener('status', (event) => {
    connected = true;
    view = JSON.parse(event.data);
    draw();
    void readHistory();
  });
  // The server is reachable, but cannot read the clock's state.
  events.addEventListener('lost', (event) => {
    drawApps(element('apps'), JSON.parse(event.data).apps);
    disconnect();
  });
  events.addEventListener('error', () => {
    disconnect();
    // The browser does not reopen a stream that was refused: the session may have ended.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
}

function disconnect() {
  connected = false;
  if (view) draw();
  else show(element('panel'), h('p', { class: 'empty' }, "Cannot read the clock's state; retrying."));
}

function select(processType) {
  selected = processType;
  history.replaceState(null, '', `#${encodeURIComponent(processType)}`);
  draw();
  void readHistory();
}

wirePause(
  { pause: element('pause'), resume: element('resume'), dialog: element('pause-dialog') },
  (change) => {
    failedAt = -Infinity;
    view = { ...view, ...change };
    draw();
  },
  () => {
    failedAt = Date.now();
    drawState();
  },
);
setInterval(drawState, 1000);
listen();
