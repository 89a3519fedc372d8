const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});
const day = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
});

export const count = (value) => whole.format(value);
export const brief = (value) => (Math.abs(value) < 10_000 ? whole.format(value) : short.format(value));
export const usd = (value) => (value === undefined ? '–' : dollars.format(value));
export const timeOf = (ms) => clock.format(ms);
export const dateOf = (ms) => (Math.abs(Date.now() - ms) < 20 * 3_600_000 ? clock : day).format(ms);
export const capitalized = (word) => word.charAt(0).toUpperCase() + word.slice(1);
export const plural = (value, noun) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** 9 s, 3 min 5 s, 2 h 10 min. */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);
