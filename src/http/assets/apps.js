import { h, show } from './dom.js';

const shown = new URLSearchParams(location.search).get('app');

/** The path with the app of this page, where it names one. */
export function ofApp(path) {
  if (shown === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}app=${encodeURIComponent(shown)}`;
}

/** A link to each app; hidden where there is only one. */
export function drawApps(host, apps) {
  host.hidden = apps === undefined;
  if (!apps) return;
  const links = apps.all.map((name) =>
    h(
      'a',
      { href: `/?app=${encodeURIComponent(name)}`, 'aria-current': name === apps.shown && 'page' },
      name,
    ),
  );
  show(host, ...links);
}
