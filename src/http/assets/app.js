import { h, show } from './dom.js';
import { brief, plural, span, sum, timeOf } from './format.js';
import { Panel } from './panel.js';

const element = (id) => document.getElementById(id);
/** Of the past that changes slowly a look now and then is enough. */
const HISTORY_EVERY_MS = { hour: 0, day: 60_000, week: 300_000 };

let view;
let connected = false;
let selected = decodeURIComponent(location.hash.slice(1));
let range = 'hour';
let panel;
let panelOf;
let historyAt = 0;
let historyTick;

function typesOf() {
  return view?.status?.types ?? [];
}

function current() {
  return typesOf().find(({ processType }) => processType === selected) ?? typesOf()[0];
}

/** What is to be known before any figure is believed, worst first. */
function banners() {
  const { status, pause, blindTicks } = view;
  const ageMs = status ? Date.now() - status.at : 0;
  const list = [];
  if (!connected)
    list.push(['warn', 'The connection is lost. The figures are the last that came; it is tried again.']);
  if (status && ageMs > 3 * status.tickMs) {
    list.push([
      'bad',
      `No tick for ${span(ageMs)}: the clock does not run, or cannot write to Redis. The figures are from ${timeOf(status.at)}.`,
    ]);
  }
  for (const { processType, failure, blindTicks: blind } of status?.types ?? []) {
    if (failure)
      list.push([
        blind >= blindTicks ? 'bad' : 'warn',
        `${processType} holds: ${failure.message}. ${failure.remedy}`,
      ]);
  }
  for (const { processType, latest } of status?.types ?? []) {
    if (latest?.failure)
      list.push([
        'bad',
        `${processType} could not be scaled: ${latest.failure.message}. ${latest.failure.remedy}`,
      ]);
  }
  if (pause) {
    const until = pause.until === undefined ? 'until it is resumed' : `until ${timeOf(pause.until)}`;
    list.push(['pause', `Paused by ${pause.by} ${until}. Drover reads and reports, and changes nothing.`]);
  }
  return list.map(([tone, words]) => h('p', { class: `banner ${tone}` }, words));
}

function pulse() {
  const { status, pause } = view;
  const ageMs = status ? Math.max(0, Date.now() - status.at) : 0;
  const late = status && ageMs > 3 * status.tickMs;
  const [state, words] = !connected
    ? ['lost', 'reconnecting']
    : !status
      ? ['loading', 'no tick yet']
      : late
        ? ['lost', `stale, ${span(ageMs)} old`]
        : pause
          ? ['paused', `paused, read ${span(ageMs)} ago`]
          : ['live', `live, read ${span(ageMs)} ago`];
  element('pulse').dataset.state = state;
  element('pulse-words').textContent = words;
}

function tabs() {
  const types = typesOf();
  const host = element('tabs');
  host.hidden = types.length < 2;
  const active = current()?.processType;
  show(
    host,
    types.map(({ processType, latest, failure }) =>
      h(
        'button',
        {
          role: 'tab',
          type: 'button',
          id: `tab-${processType}`,
          'aria-selected': String(processType === active),
          'aria-controls': 'panel',
          tabindex: processType === active ? '0' : '-1',
          'data-type': processType,
          class: failure ? 'bad' : undefined,
        },
        h('strong', {}, processType),
        h(
          'span',
          { class: 'soft' },
          latest
            ? `${plural(latest.quantity, 'dyno')}, ${brief(sum(latest.queues, ({ ready }) => ready))} waiting`
            : 'not known',
        ),
      ),
    ),
  );
  const panelElement = element('panel');
  if (types.length < 2) panelElement.removeAttribute('role');
  else {
    panelElement.setAttribute('role', 'tabpanel');
    panelElement.setAttribute('aria-labelledby', `tab-${active}`);
  }
}

function draw() {
  if (!view) return;
  const { status, pause, pricesAsOf } = view;
  show(element('banners'), banners());
  pulse();
  element('pause').hidden = pause !== null;
  element('resume').hidden = pause === null;
  element('app-name').textContent = status?.appName ?? '';
  if (status) document.title = `${status.appName} – Drover`;
  const left = status?.requestsLeft;
  element('notes').textContent = [
    ...(left === undefined ? [] : [`${plural(left, 'request')} to Heroku left this hour.`]),
    ...(status ? [`A tick every ${span(status.tickMs)}; the last took ${status.tookMs} ms.`] : []),
    `Costs by Heroku's price list (${pricesAsOf}). Starting dynos are those asked for less than a boot ago.`,
  ].join(' ');
  tabs();
  const type = current();
  if (!type) {
    show(
      element('panel'),
      h(
        'div',
        { class: 'empty' },
        h('p', {}, 'No tick is recorded yet.'),
        h(
          'p',
          { class: 'soft' },
          'Start the clock with ',
          h('code', {}, 'drover run'),
          '. Its first tick appears here by itself.',
        ),
      ),
    );
    return;
  }
  if (panelOf !== type.processType) {
    panel = new Panel(element('panel'), (next) => {
      range = next;
      historyAt = 0;
      void readHistory();
    });
    panelOf = type.processType;
    historyAt = 0;
  }
  panel.status(type, status.beliefs ?? []);
}

async function readHistory() {
  const type = current()?.processType;
  const every = HISTORY_EVERY_MS[range];
  const tick = view?.status?.at;
  if (!panel || (Date.now() - historyAt < every && historyAt > 0) || (historyAt > 0 && tick === historyTick))
    return;
  historyAt = Date.now();
  historyTick = tick;
  const asked = range;
  try {
    const answer = await fetch(`/history?range=${asked}`);
    if (answer.status === 401) location.reload();
    else if (!answer.ok) panel.failed();
    else fill(await answer.json(), asked, type);
  } catch {
    panel.failed();
  }
}

/** Somebody may have chosen another type or time since it was asked for. */
function fill(series, asked, type) {
  if (asked !== range || type !== current()?.processType) return;
  panel.series(
    series,
    asked,
    series.types.find(({ processType }) => processType === type),
  );
}

async function act(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (answer?.ok) {
    view = { ...view, ...(await answer.json()) };
    draw();
    return;
  }
  element('banners').prepend(
    h(
      'p',
      { class: 'banner bad' },
      'That did not arrive. Look whether you are still signed in, and try again.',
    ),
  );
}

function listen() {
  const events = new EventSource('/events');
  events.addEventListener('status', (event) => {
    connected = true;
    view = JSON.parse(event.data);
    draw();
    void readHistory();
  });
  // The server is there, but cannot read what the clock wrote.
  events.addEventListener('lost', () => lose());
  events.addEventListener('error', () => {
    lose();
    // A stream that was refused does not come back by itself: the session may be over.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
}

function lose() {
  connected = false;
  if (view) draw();
  else
    show(
      element('panel'),
      h('p', { class: 'empty' }, 'What the clock wrote cannot be read. It is tried again.'),
    );
}

function select(processType) {
  selected = processType;
  history.replaceState(null, '', `#${encodeURIComponent(processType)}`);
  draw();
  void readHistory();
}

element('tabs').addEventListener('click', (event) => {
  const tab = event.target.closest('[role=tab]');
  if (tab) select(tab.dataset.type);
});
element('tabs').addEventListener('keydown', (event) => {
  const all = typesOf().map(({ processType }) => processType);
  const now = all.indexOf(current()?.processType);
  const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: all.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  select(all[(next + all.length) % all.length]);
  element('tabs').querySelector('[aria-selected=true]').focus();
});

element('pause').addEventListener('click', () => element('pause-dialog').showModal());
element('pause-dialog').addEventListener('close', () => {
  const dialog = element('pause-dialog');
  if (dialog.returnValue !== 'pause') return;
  const chosen = new FormData(dialog.querySelector('form')).get('for');
  void act('/pause', chosen === '' ? {} : { forMs: Number(chosen) });
});
element('resume').addEventListener('click', () => void act('/resume', {}));

// The age of what is shown grows by itself.
setInterval(() => {
  if (!view) return;
  pulse();
  show(element('banners'), banners());
}, 1000);
listen();
