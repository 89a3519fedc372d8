/**
 * An element. Text is only ever set as text, so a queue may have any name. `props` are attributes; those that begin
 * with `on` are listeners, and what is undefined or false is left out.
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

/** Puts the children in place, and touches nothing where they look the same: what has the focus keeps it. */
export function show(parent, ...children) {
  const next = h('div', {}, ...children);
  if (parent.innerHTML !== next.innerHTML) parent.replaceChildren(...next.childNodes);
}

/** A table with a caption for those who cannot see what is around it. `align` holds `n` for each column of numbers. */
export function table(caption, heads, align, rows) {
  const cell = (tag, text, column, props = {}) =>
    h(tag, { class: align[column] === 'n' ? 'n' : undefined, ...props }, text);
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': `${caption}, as a table` },
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
