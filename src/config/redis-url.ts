type RedisAddress = { readonly host: string; readonly port: number };

/** What a Redis URL names. Where several nodes are named, any one of them is enough to find the rest. */
export type RedisTarget = {
  readonly kind: 'single' | 'sentinel' | 'cluster';
  readonly nodes: readonly [RedisAddress, ...RedisAddress[]];
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** What the sentinels call the master; with `kind: 'sentinel'` only. */
  readonly masterName?: string;
  /** What the sentinels themselves ask for, where they do; the URL's own user and password are the master's. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
};

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;

/**
 * `redis://user:password@host:port/db`, `rediss://` for TLS. `?sentinel=NAME` says that the host is a sentinel and the
 * master is called so, `sentinelUsername` and `sentinelPassword` what the sentinels themselves ask for, `?cluster=true`
 * that it is a node of a cluster, `?nodes=host:port,host:port` names more of them.
 * Throws a TypeError, which names no part of the URL, when it is none.
 */
export function parseRedisUrl(text: string): RedisTarget {
  const url = urlOf(text);
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new TypeError('not a redis:// or rediss:// URL');
  }
  // A password with a / ? or # in it as it is: the URL ends there, and what is taken for the host is the user.
  if (/[@#]/.test(url.pathname + url.search + url.hash))
    throw new TypeError('unescaped /, ? or # in the password of a Redis URL');
  const masterName = url.searchParams.get('sentinel');
  const kind =
    masterName !== null ? 'sentinel' : url.searchParams.get('cluster') === 'true' ? 'cluster' : 'single';
  const defaultPort = kind === 'sentinel' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT;
  const more = (url.searchParams.get('nodes') ?? '').split(',').filter((node) => node !== '');
  const db = Number(url.pathname.slice(1) || '0');
  if (!Number.isSafeInteger(db) || db < 0) throw new TypeError('the database in a Redis URL is a number');
  return {
    kind,
    nodes: [addressOf(url, defaultPort), ...more.map((node) => parseAddress(node, defaultPort))],
    tls: url.protocol === 'rediss:',
    ...(url.username === '' ? {} : { username: decoded(url.username) }),
    ...(url.password === '' ? {} : { password: decoded(url.password) }),
    db,
    ...(masterName === null ? {} : { masterName, ...sentinelAccess(url.searchParams) }),
  };
}

function sentinelAccess(query: URLSearchParams): Pick<RedisTarget, 'sentinelUsername' | 'sentinelPassword'> {
  const [username, password] = [query.get('sentinelUsername'), query.get('sentinelPassword')];
  return {
    ...(username ? { sentinelUsername: username } : {}),
    ...(password ? { sentinelPassword: password } : {}),
  };
}

export function isRedisUrl(text: string): boolean {
  try {
    parseRedisUrl(text);
    return true;
  } catch {
    return false;
  }
}

/** A password pasted in as it is may hold a % that begins no escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function parseAddress(text: string, defaultPort: number): RedisAddress {
  const url = urlOf(`redis://${text}`);
  if (!url || url.hostname === '') throw new TypeError('`nodes` in a Redis URL is a list of host:port');
  return addressOf(url, defaultPort);
}

function addressOf(url: URL, defaultPort: number): RedisAddress {
  // An IPv6 address stands in brackets in a URL, and without them anywhere else.
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  };
}
