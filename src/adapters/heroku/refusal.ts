import { quote, scrubber } from '../../config/mask.ts';
import { Failure } from '../../failure.ts';
import { fieldsOf, isQuantity } from './fields.ts';
import type { Answer } from './request.ts';

/** What was asked for, as an error has to name it. */
export type Asked = {
  readonly appName: string;
  readonly token: string;
  readonly processType?: string | undefined;
};

const NEW_TOKEN =
  'make a token with `heroku authorizations:create -s write -d drover` and set it as HEROKU_API_KEY';

/** An answer that is no success, and no 429, by its status and its ids: Heroku's texts are for people and change. */
export function refusal(answer: Answer, asked: Asked): Failure {
  const app = quote(asked.appName);
  const { id, resource } = fieldsOf(answer.json);
  switch (answer.status) {
    case 401:
      return new Failure(
        'HEROKU_UNAUTHORIZED',
        'Heroku does not know the token',
        `Tokens expire and are revoked: ${NEW_TOKEN}.`,
      );
    case 402:
      return payment();
    case 403:
      return forbidden(answer, app, id);
    case 404:
      if (answer.json === undefined) return unexpected(answer);
      return resource === 'app' || asked.processType === undefined
        ? new Failure(
            'HEROKU_APP_MISSING',
            `Heroku has no app ${app} that this token may see`,
            'Compare HEROKU_APP_NAME (or TARGET_APP_NAME) with what `heroku apps` lists.',
          )
        : missingType(asked.processType, asked.appName, []);
    case 422:
      if (id === 'verification_required' || id === 'verification_needed') return payment();
      return limitOf(answer) === undefined ? rejected(answer, asked) : aboveLimit(answer, asked);
    default:
      if (answer.status >= 500) return unavailable(answer.status);
      return answer.status < 400 ? unexpected(answer) : rejected(answer, asked);
  }
}

/** The app's process types, where they are known, are what the user wants to compare theirs with. */
export function missingType(processType: string, appName: string, known: readonly string[]): Failure {
  const has = known.length === 0 ? '' : `; it has ${known.join(', ')}`;
  return new Failure(
    'HEROKU_TYPE_MISSING',
    `the app ${quote(appName)} has no process type ${quote(processType)}${has}`,
    `Name it in the app's Procfile and deploy, or set PROCESS_TYPE to one that \`heroku ps:scale -a ${appName}\` lists.`,
  );
}

/** `until`: epoch ms from which on it is worth asking again. */
export function rateLimited(until: number): Failure {
  return new Failure(
    'HEROKU_RATE_LIMITED',
    `the Heroku account is out of API requests; nothing is asked before ${new Date(until).toISOString()}`,
    "Find what else uses the account's 4500 requests an hour, or give Drover an account of its own.",
  );
}

/** A success whose body is not what was asked for. */
export function malformed(what: string): Failure {
  return new Failure(
    'HEROKU_REPLY',
    `Heroku answered ${what}`,
    'Look at HEROKU_API_URL and at https://status.heroku.com; Drover holds and tries again on the next tick.',
  );
}

/** The bound that a 422 tells of, whatever its text says. */
export function limitOf(answer: Answer): number | undefined {
  const { limit } = fieldsOf(answer.json);
  return answer.status === 422 && isQuantity(limit) ? limit : undefined;
}

function forbidden(answer: Answer, app: string, id: unknown): Failure {
  if (id === 'suspended') {
    return new Failure(
      'HEROKU_SUSPENDED',
      `the app ${app} or its account is suspended`,
      'Ask Heroku support to lift it; Drover looks again from time to time.',
    );
  }
  const held = words(answer.header('oauth-scope'));
  const accepted = words(answer.header('oauth-scope-accepted'));
  if (accepted.length > 0 && !held.some((scope) => accepted.includes(scope))) {
    const has = held.length === 0 ? 'no scope' : `the scope ${quote(held.join(' '))}`;
    return new Failure(
      'HEROKU_SCOPE',
      `the token has ${has}, which does not allow this`,
      `It needs the scope write: ${NEW_TOKEN}.`,
    );
  }
  return new Failure(
    'HEROKU_FORBIDDEN',
    `the token's account may not use the app ${app}`,
    'Add the account with `heroku access:add`, or make the token with an account that has access.',
  );
}

function payment(): Failure {
  return new Failure(
    'HEROKU_PAYMENT',
    "Heroku wants the account's billing settled first",
    'Look at https://dashboard.heroku.com/account/billing.',
  );
}

function unavailable(status: number): Failure {
  return new Failure(
    'HEROKU_UNAVAILABLE',
    `the Heroku API answered ${status}`,
    'Look at https://status.heroku.com; Drover holds and tries again on the next tick.',
  );
}

function unexpected({ status }: Answer): Failure {
  return new Failure(
    'HEROKU_REPLY',
    `what answered ${status} does not speak the Heroku API`,
    'Look at HEROKU_API_URL: without it, https://api.heroku.com is asked.',
  );
}

function aboveLimit(answer: Answer, { appName }: Asked): Failure {
  return new Failure(
    'HEROKU_LIMIT',
    `Heroku allows no more than ${limitOf(answer)} dynos here`,
    `See what runs with \`heroku ps -a ${appName}\`; set MAX_WORKERS below the limit, or ask Heroku to raise it.`,
  );
}

function rejected(answer: Answer, { appName, token }: Asked): Failure {
  const { id, message } = fieldsOf(answer.json);
  // Cut by `quote` only once the token is out: half of it would not be found.
  const told = typeof message === 'string' ? `: ${quote(scrubber([token])(message))}` : '';
  const named = typeof id === 'string' && /^\w{1,60}$/.test(id) ? ` (${id})` : '';
  return new Failure(
    'HEROKU_REJECTED',
    `Heroku rejected the request with ${answer.status}${named}${told}`,
    `Compare the settings with \`heroku ps -a ${appName}\` and \`heroku ps:type -a ${appName}\`: types, sizes, a first deploy.`,
  );
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
}
