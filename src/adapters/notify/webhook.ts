import type { Notice } from '../../journal/alarm.ts';
import { Failure } from '../../failure.ts';
import type { Notifier } from '../../ports.ts';

const TIMEOUT_MS = 5000;
/** A service that is restarted is asked once more. */
const RETRIES = 1;

/**
 * Posts notices to a webhook: Slack's form to Slack and whoever names a path after it, else JSON for a program, with
 * `text` in it, as most chats read that too. The address is a secret and appears in no failure.
 */
export function webhookNotifier(url: string, appName: string): Notifier {
  return {
    notify: async (notices, signal) => {
      const { default: got, HTTPError } = await import('got');
      const options = {
        json: isSlack(new URL(url)) ? slackBody(notices, appName) : plainBody(notices, appName),
        signal,
        timeout: { request: TIMEOUT_MS },
        retry: { limit: RETRIES, methods: ['POST' as const], statusCodes: [429, 500, 502, 503, 504] },
        // Nor does it count as delivered where it is sent elsewhere.
        followRedirect: false,
        headers: { 'user-agent': 'drover' },
      };
      const status = await got.post(url, options).then(
        ({ statusCode }) => statusCode,
        (thrown: unknown) => (thrown instanceof HTTPError ? thrown.response.statusCode : undefined),
      );
      if (status !== undefined && status < 300) return;
      signal.throwIfAborted();
      // Not with got's error as its cause: that carries the address.
      throw new Failure(
        'NOTIFY_FAILED',
        `a notice could not be delivered${status === undefined ? '' : ` (status ${status})`}`,
        'Check NOTIFY_URL with `drover notify --test`.',
      );
    },
  };
}

function isSlack({ hostname, pathname }: URL): boolean {
  return hostname === 'hooks.slack.com' || pathname.endsWith('/slack');
}

/** Slack reads `<`, `>` and `&` as markup. */
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
  return notices.map(({ text }) => `Drover on ${appName}: ${text}`).join('\n');
}
