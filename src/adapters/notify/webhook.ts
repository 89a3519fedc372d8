import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import type { Notice } from '../../journal/alarm.ts';
import { Failure } from '../../failure.ts';
import type { Notifier } from '../../ports.ts';

const TIMEOUT_MS = 5000;
const RETRY_MS = 1000;
/** If the service requests a longer wait, the notice is dropped: the tick's other notices wait for it. */
const LONGEST_RETRY_MS = 3000;
const TRANSIENT: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** The outcome of one post; `status` is missing if there was no response. */
type Reply = { readonly status?: number; readonly retryMs: number };

/**
 * Posts notices to a webhook: in Slack's format to Slack and to paths that end in `/slack`, else as JSON for a program,
 * with a `text` that most chats display as well. A transient failure gets one retry. The URL is a secret and appears in
 * no failure.
 */
export function webhookNotifier(url: string, appName: string): Notifier {
  return {
    notify: async (notices, signal) => {
      const body = isSlack(new URL(url)) ? slackBody(notices, appName) : plainBody(notices, appName);
      let reply = await post(url, body, signal);
      if ((reply.status === undefined || TRANSIENT.has(reply.status)) && reply.retryMs <= LONGEST_RETRY_MS) {
        await delay(reply.retryMs, undefined, { signal });
        reply = await post(url, body, signal);
      }
      const { status } = reply;
      if (status !== undefined && status < 300) return;
      throw new Failure(
        'NOTIFY_FAILED',
        `failed to send a notification${status === undefined ? '' : ` (status ${status})`}`,
        'Check NOTIFY_URL with `drover notify --test`.',
      );
    },
  };
}

/** Posts once and reads no body: the status is enough, and a body may have any size. */
async function post(url: string, body: object, signal: AbortSignal): Promise<Reply> {
  const { default: got } = await import('got');
  const request = got.stream.post(url, {
    json: body,
    signal,
    timeout: { request: TIMEOUT_MS },
    retry: { limit: 0 },
    throwHttpErrors: false,
    // A redirect does not count as delivered.
    followRedirect: false,
    decompress: false,
    headers: { 'user-agent': 'drover', 'accept-encoding': 'identity' },
  });
  try {
    await once(request, 'response');
    const { statusCode: status, headers = {} } = request.response ?? {};
    const seconds = Number(headers['retry-after'] ?? NaN);
    const retryMs = seconds >= 0 ? seconds * 1000 : RETRY_MS;
    return status === undefined ? { retryMs } : { status, retryMs };
  } catch {
    // got's error is dropped, not kept as a cause: it contains the URL.
    signal.throwIfAborted();
    return { retryMs: RETRY_MS };
  } finally {
    // Later errors concern the body, which is not read.
    request.on('error', () => {}).destroy();
  }
}

function isSlack({ hostname, pathname }: URL): boolean {
  return hostname === 'hooks.slack.com' || pathname.endsWith('/slack');
}

/** Slack interprets `<`, `>` and `&` as markup. */
function slackBody(notices: readonly Notice[], appName: string): { text: string } {
  const text = textOf(notices, appName);
  return { text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') };
}

function plainBody(notices: readonly Notice[], appName: string): object {
  return {
    text: textOf(notices, appName),
    app: appName,
    notices: notices.map(({ kind, processType, at, text }) => ({
      kind,
      processType: processType ?? null,
      at: new Date(at).toISOString(),
      text,
    })),
  };
}

function textOf(notices: readonly Notice[], appName: string): string {
  return notices.map(({ text }) => `Drover on ${appName}: ${withoutMentions(text)}`).join('\n');
}

/**
 * A notice may name queues, and anyone who may add jobs can choose their names: a zero-width space keeps chats from
 * turning one into a mention of the whole channel or a link. Heroku's own addresses stay links.
 */
function withoutMentions(text: string): string {
  return text
    .replaceAll('@', '@\u200B')
    .replaceAll(/:\/\/(?!(?:api|dashboard|status)\.heroku\.com(?![\w.:@-]*[\w@]))/g, ':\u200B//');
}
