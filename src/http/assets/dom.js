/**
 * Creates an element. Text is never parsed as HTML, so a queue may have any name. `props` are attributes, or listeners
 * where the name begins with `on`; undefined and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

/** Replaces the children, unless their HTML is the same: focus and scroll position stay. */
export function show(parent, ...children) {
  const next = h('div', {}, ...children);
  if (parent.innerHTML !== next.innerHTML) parent.replaceChildren(...next.childNodes);
}

/** A table with a caption for screen readers. `align` has `n` for each column of numbers. */
export function table(caption, heads, align, rows) {
  const cell = (tag, text, column, props = {}) =>
    h(tag, { class: align[column] === 'n' ? 'n' : undefined, ...props }, text);
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': `${caption} table` },
    h(
      'table',
      {},
      h('caption', { class: 'hidden' }, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          heads.map((head, column) => cell('th', head, column, { scope: 'col' })),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.map((text, column) =>
              cell(column === 0 ? 'th' : 'td', text, column, column === 0 ? { scope: 'row' } : {}),
            ),
          ),
        ),
      ),
    ),
  );
}
