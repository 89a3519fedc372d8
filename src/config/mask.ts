/** What stands in the place of a secret. */
export const MASK = '***';

/** A value for an error message: long ones cut, control characters shown as escapes, so a terminal obeys none. */
export function quote(value: string): string {
  const cut = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(cut).replaceAll(/[\u007F-\u009F\u2028\u2029]/g, escapeCharacter);
}

/** With a / or # in it, a password ends early as the URL is read: what comes after is then its rest. */
const HIDDEN = `${MASK} (if its password has a # / ? or %, write %23 %2F %3F %25)`;

/** A URL without its password, or without its user where that is all there is. Of a text that is no URL, or one that a password may have torn, nothing is shown. */
export function maskUrl(value: string): string {
  try {
    const url = new URL(value);
    if (/@/.test(url.pathname + url.search + url.hash)) return HIDDEN;
    if (url.password !== '') url.password = MASK;
    // A password or token that stands where a user does.
    else if (url.username !== '') url.username = MASK;
    for (const key of url.searchParams.keys()) url.searchParams.set(key, MASK);
    return quote(url.href);
  } catch {
    return HIDDEN;
  }
}

/**
 * Strikes every secret out of a text, in each form in which a text can carry it: as it is, as JSON, URLs and HTML escape
 * it, and inside base64, as Basic authorization has it. Secrets shorter than four characters would blot out ordinary
 * words.
 */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= 4)
    // A longer secret that begins like another must not leave its end behind.
    .toSorted((a, b) => b.length - a.length)
    .flatMap((secret) => [Array.from(secret, characterForms).join(''), ...base64Forms(secret)]);
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.join('|'), 'gu');
  return (text) => text.replaceAll(pattern, MASK);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;|&#38;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;|&#34;',
  "'": '&#39;|&#x27;',
};

/** Every way one character of a secret may be written. JSON inside JSON doubles its backslashes. */
function characterForms(character: string): string {
  const percent = [...Buffer.from(character)].map((byte) => `%${hexForms(byte, 2)}`).join('');
  const units = Array.from(
    { length: character.length },
    (_, index) => String.raw`\\{1,2}u` + hexForms(character.charCodeAt(index), 4),
  ).join('');
  const literal =
    character === '\\'
      ? String.raw`\\{4}|\\{2}|\\`
      : `${/["/]/.test(character) ? String.raw`\\{0,3}` : ''}${literally(character)}`;
  return `(?:${[percent, units, ENTITIES[character], literal].filter(Boolean).join('|')})`;
}

function hexForms(value: number, digits: number): string {
  return value
    .toString(16)
    .padStart(digits, '0')
    .replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

/** Characters of base64 that are shorter than this could be part of anything. */
const SHORTEST_BASE64 = 8;

/** The characters that a secret determines in base64, for each of the three places in a group where it may begin. */
function base64Forms(secret: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const text = bytes.toString('base64').replace(/=+$/, '');
    const own = text.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1);
    if (own.length < SHORTEST_BASE64) return [];
    return [
      own.replaceAll(/[+/]/g, (found) =>
        found === '+' ? '(?:[+-]|%2[Bb])' : String.raw`(?:\\?\/|_|%2[Ff])`,
      ),
    ];
  });
}

function literally(character: string): string {
  return character.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (found) => `\\x${found.charCodeAt(0).toString(16)}`);
}

/**
 * A text without control characters but for tabs and new lines. Names are cleaned where they are read; should one get
 * past that, it still moves no cursor and begins no line.
 */
export function harmless(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\uFFFD');
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * A text with its control and direction characters as their codes, so that it can neither move a cursor nor imitate
 * another line.
 */
export function oneLine(text: string): string {
  return text.replaceAll(UNSEEN, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`;
}
