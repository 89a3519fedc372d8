/** What stands in the place of a secret. */
export const MASK = '***';

/** A value for an error message: long ones cut, control characters shown as escapes, so a terminal obeys none. */
export function quote(value: string): string {
  const cut = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(cut).replaceAll(/[\u007F-\u009F\u2028\u2029]/g, escapeCharacter);
}

/** With a / or # in it, a password ends early as the URL is read: what comes after is then its rest. */
const HIDDEN = `${MASK} (if its password has a # / ? or %, write %23 %2F %3F %25)`;

/** A URL without its password. Of a text that is no URL, or one that a password may have torn, nothing is shown. */
export function maskUrl(value: string): string {
  try {
    const url = new URL(value);
    if (/@/.test(url.pathname + url.search + url.hash)) return HIDDEN;
    if (url.password !== '') url.password = MASK;
    for (const key of url.searchParams.keys()) url.searchParams.set(key, MASK);
    return quote(url.href);
  } catch {
    return HIDDEN;
  }
}

/** A text with every secret in it replaced. `secrets` shorter than four characters would blot out ordinary words. */
export function scrub(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 4)
    .reduce((clean, secret) => clean.replaceAll(secret, MASK), text);
}

/**
 * A text without control characters but for tabs and new lines. Names are cleaned where they are read; should one get
 * past that, it still moves no cursor and begins no line.
 */
export function harmless(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\uFFFD');
}

function escapeCharacter(character: string): string {
  return `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`;
}
