import { h, show } from './dom.js';
import { brief, plural, sum } from './format.js';

/** One tab per process type, hidden where there is only one. */
export class Tabs {
  #host;
  #panel;
  #names = [];
  #active;

  constructor(host, panel, onSelect) {
    this.#host = host;
    this.#panel = panel;
    host.addEventListener('click', (event) => {
      const tab = event.target.closest('[role=tab]');
      if (tab) onSelect(tab.dataset.type);
    });
    host.addEventListener('keydown', (event) => {
      const now = this.#names.indexOf(this.#active);
      const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: this.#names.length - 1 }[
        event.key
      ];
      if (next === undefined) return;
      event.preventDefault();
      onSelect(this.#names[(next + this.#names.length) % this.#names.length]);
      host.querySelector('[aria-selected=true]').focus();
    });
  }

  draw(types, active, noun) {
    this.#names = types.map(({ processType }) => processType);
    this.#active = active;
    this.#host.hidden = types.length < 2;
    show(
      this.#host,
      types.map((type) => tabButton(type, type.processType === active, noun)),
    );
    if (types.length < 2) this.#panel.removeAttribute('role');
    else {
      this.#panel.setAttribute('role', 'tabpanel');
      this.#panel.setAttribute('aria-labelledby', `tab-${active}`);
    }
  }
}

function tabButton({ processType, latest, failure }, selected, noun) {
  const text = latest
    ? `${plural(latest.quantity, noun)}, ${brief(sum(latest.queues, ({ ready }) => ready))} waiting`
    : 'unknown';
  return h(
    'button',
    {
      role: 'tab',
      type: 'button',
      id: `tab-${processType}`,
      'aria-selected': String(selected),
      'aria-controls': 'panel',
      tabindex: selected ? '0' : '-1',
      'data-type': processType,
      class: failure ? 'bad' : undefined,
    },
    h('strong', {}, processType),
    h('span', { class: 'soft' }, text),
  );
}
