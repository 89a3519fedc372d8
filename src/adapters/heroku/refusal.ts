import { quote, scrubber } from '../../config/mask.ts';
import { instant } from '../../core/words.ts';
import { Failure } from '../../failure.ts';
import { fieldsOf, isQuantity, type Answer } from '../http/answer.ts';

/** What a refusal's message names. `token` is only used to remove it from Heroku's text. */
export type RequestContext = {
  readonly appName: string;
  readonly token: string;
  readonly processType?: string | undefined;
};

const NEW_TOKEN =
  'Create a token with `heroku authorizations:create -s write -d drover` and set it as HEROKU_API_KEY.';

/** The failure of an answer that is neither a success nor a 429, by status and id: Heroku's messages change. */
export function refusal(answer: Answer, context: RequestContext): Failure {
  const { id } = fieldsOf(answer.json);
  switch (answer.status) {
    case 401:
      return new Failure(
        'HEROKU_UNAUTHORIZED',
        'Heroku rejected the token: it is unknown, expired or revoked',
        NEW_TOKEN,
      );
    case 402:
      return payment();
    case 403:
      return forbidden(answer, context);
    case 404:
      return notFound(answer, context);
    case 422:
      if (id === 'verification_required' || id === 'verification_needed') return payment();
      return limitOf(answer) === undefined ? rejected(answer, context) : aboveLimit(answer, context);
    default:
      if (answer.status >= 500) return unavailable(answer);
      return answer.status < 400 ? notTheApi(answer) : rejected(answer, context);
  }
}

/** `known`: the app's process types, if they could be read. */
export function missingType(processType: string, appName: string, known: readonly string[]): Failure {
  const has = known.length === 0 ? '' : `; it has ${known.join(', ')}`;
  return new Failure(
    'HEROKU_TYPE_MISSING',
    `the app ${quote(appName)} has no process type ${quote(processType)}${has}`,
    `Add it to the app's Procfile and deploy, or set PROCESS_TYPE to one that \`heroku ps:scale -a ${appName}\` lists.`,
  );
}

/** `until`: epoch ms of the end of the pause. */
export function rateLimited(until: number): Failure {
  return new Failure(
    'HEROKU_RATE_LIMITED',
    `the Heroku account has used up its rate limit; requests paused until ${instant(until)}`,
    "Find what else uses the account's 4,500 API requests an hour, or give Drover an account of its own.",
  );
}

/** The `limit` of a 422, whatever its message says. */
export function limitOf(answer: Answer): number | undefined {
  const { limit } = fieldsOf(answer.json);
  return answer.status === 422 && isQuantity(limit) ? limit : undefined;
}

function forbidden(answer: Answer, { appName }: RequestContext): Failure {
  const app = quote(appName);
  if (fieldsOf(answer.json)['id'] === 'suspended') {
    return new Failure(
      'HEROKU_SUSPENDED',
      `the app ${app} or its account is suspended`,
      'Ask Heroku support to lift the suspension. Drover keeps retrying.',
    );
  }
  const scopes = words(answer.header('oauth-scope'));
  const accepted = words(answer.header('oauth-scope-accepted'));
  if (accepted.length > 0 && !scopes.some((scope) => accepted.includes(scope))) {
    const has = scopes.length === 0 ? 'no scope' : `the scope ${quote(scopes.join(' '))}`;
    return new Failure(
      'HEROKU_SCOPE',
      `the token has ${has}, which does not allow this request`,
      `It needs the scope write. ${NEW_TOKEN}`,
    );
  }
  return new Failure(
    'HEROKU_FORBIDDEN',
    `the token's account has no access to the app ${app}`,
    'Add the account with `heroku access:add`, or create the token with an account that has access.',
  );
}

function notFound(answer: Answer, { appName, processType }: RequestContext): Failure {
  if (answer.json === undefined) return notTheApi(answer);
  if (fieldsOf(answer.json)['resource'] !== 'app' && processType !== undefined)
    return missingType(processType, appName, []);
  return new Failure(
    'HEROKU_APP_MISSING',
    `Heroku has no app ${quote(appName)}, or the token has no access to it`,
    'Compare HEROKU_APP_NAME (or TARGET_APP_NAME) with the output of `heroku apps`.',
  );
}

function payment(): Failure {
  return new Failure(
    'HEROKU_PAYMENT',
    'the Heroku account needs a payment method or verification',
    'See https://dashboard.heroku.com/account/billing.',
  );
}

function unavailable({ status }: Answer): Failure {
  return new Failure(
    'HEROKU_UNAVAILABLE',
    `the Heroku API answered ${status}`,
    'Check https://status.heroku.com. Drover holds and retries on the next tick.',
  );
}

function notTheApi({ status }: Answer): Failure {
  return new Failure(
    'HEROKU_REPLY',
    `the answer with status ${status} is not one of the Heroku API`,
    'Check HEROKU_API_URL. Its default is https://api.heroku.com.',
  );
}

function aboveLimit(answer: Answer, { appName }: RequestContext): Failure {
  return new Failure(
    'HEROKU_LIMIT',
    `Heroku allows at most ${limitOf(answer)} dynos here`,
    `See what runs with \`heroku ps -a ${appName}\`. Set MAX_WORKERS below the limit, or ask Heroku to raise it.`,
  );
}

function rejected(answer: Answer, { appName, token }: RequestContext): Failure {
  const { id, message } = fieldsOf(answer.json);
  // `quote` shortens the text, so the token goes first: half of it would not be found.
  const reason = typeof message === 'string' ? `: ${quote(scrubber([token])(message))}` : '';
  const named = typeof id === 'string' && /^\w{1,60}$/.test(id) ? ` (${id})` : '';
  return new Failure(
    'HEROKU_REJECTED',
    `Heroku rejected the request with status ${answer.status}${named}${reason}`,
    `Compare the settings with \`heroku ps -a ${appName}\` and \`heroku ps:type -a ${appName}\`: process types, dyno sizes, whether the app is deployed.`,
  );
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
}
