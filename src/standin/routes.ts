import type { App } from './app.ts';
import {
  accountDocument,
  appDocument,
  dynoDocument,
  formationDocument,
  releaseDocument,
  releaseDynoDocument,
  sizeDocument,
} from './documents.ts';
import { updatedConfig } from './config-vars.ts';
import type { Dyno } from './dyno.ts';
import { invalidParams, notFound } from './api-error.ts';
import { findRow, updateOne, updateSeveral } from './formation.ts';
import { API_SIZES, findApiSize, sizesOf } from './sizes.ts';

/** The scopes that a route accepts, as its `Oauth-Scope-Accepted` header lists them. */
export const SCOPES = {
  any: ['global', 'identity', 'read', 'read-protected', 'write', 'write-protected'],
  read: ['global', 'read', 'read-protected', 'write', 'write-protected'],
  write: ['global', 'write', 'write-protected'],
  protected: ['global', 'read-protected', 'write-protected'],
  writeProtected: ['global', 'write-protected'],
} as const;

export type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Epoch ms for `Last-Modified`. */
  readonly modifiedAt?: number | undefined;
};

type Call = {
  readonly part: (index: number) => string;
  readonly body: unknown;
  /** `3`, or a variant such as `3.sdk`. */
  readonly variant: string;
  readonly at: number;
};

type Route<Subject> = {
  readonly method: string;
  readonly path: RegExp;
  readonly scope: keyof typeof SCOPES;
  readonly answer: (subject: Subject, call: Call) => Answer;
};

/** Routes below `/apps/{app}`; their paths begin after the app's name. */
export const APP_ROUTES: readonly Route<App>[] = [
  route('GET', '', 'read', (app, { variant }) => ok(appDocument(app, variant), app.updatedAt)),
  route('PATCH', '', 'write', (app, { body, variant, at }) => {
    const { maintenance } = (body ?? {}) as { maintenance?: unknown };
    if (typeof maintenance !== 'boolean') throw invalidParams('Require boolean: maintenance.');
    Object.assign(app, { maintenance, updatedAt: at });
    return ok(appDocument(app, variant), app.updatedAt);
  }),
  route('GET', '/formation', 'read', (app) =>
    ok(
      app.rows.map((row) => formationDocument(app, row)),
      latest([app.updatedAt, ...app.rows.map((row) => row.updatedAt)]),
    ),
  ),
  route('PATCH', '/formation', 'write', (app, { body, at }) =>
    ok(updateSeveral(app, body, at).map((row) => formationDocument(app, row))),
  ),
  route('GET', '/formation/([^/]+)', 'read', (app, { part }) => {
    const row = findRow(app, part(0));
    return ok(formationDocument(app, row), row.updatedAt);
  }),
  route('PATCH', '/formation/([^/]+)', 'write', (app, { part, body, at }) =>
    ok(formationDocument(app, updateOne(app, part(0), body, at))),
  ),
  route('GET', '/dynos', 'read', (app) =>
    ok(
      [
        ...app.dynos.current.map((dyno) => dynoDocument(app, dyno)),
        ...(app.releasing ? [releaseDynoDocument(app)] : []),
      ],
      latest(app.dynos.current.map((dyno) => dyno.changedAt)),
    ),
  ),
  route('GET', '/dynos/([^/]+)', 'read', (app, { part }) => {
    const dyno = findDyno(app, part(0));
    return ok(dynoDocument(app, dyno), dyno.changedAt);
  }),
  route('DELETE', '/dynos', 'write', (app) => restart(app, () => true)),
  route('DELETE', '/dynos/([^/]+)', 'write', restartOne),
  // A stopped dyno of the formation is started again: only a lower quantity removes one.
  route('POST', '/dynos/([^/]+)/actions/stop', 'write', restartOne),
  route('DELETE', '/formations/([^/]+)', 'write', restartType),
  route('POST', '/formations/([^/]+)/actions/stop', 'write', restartType),
  route('GET', '/config-vars', 'protected', (app) => ok(app.dynos.config, app.updatedAt)),
  route('PATCH', '/config-vars', 'writeProtected', (app, { body, at }) => {
    app.dynos.config = updatedConfig(app.dynos.config, body);
    app.updatedAt = at;
    // A change is a release, which starts every dyno again.
    app.dynos.restart(() => true);
    return ok(app.dynos.config, app.updatedAt);
  }),
  route('GET', '/available-dyno-sizes', 'read', (app) => ok(sizesOf(app.generation).map(sizeDocument))),
  route('GET', '/releases', 'protected', (app) => ({
    ...ok(app.deployed ? [releaseDocument(app)] : [], app.createdAt),
    headers: { 'Accept-Ranges': 'id, version', ...(app.deployed ? { 'Content-Range': 'version 1..1' } : {}) },
  })),
];

/** The routes outside of an app. */
export const ACCOUNT_ROUTES: readonly Route<void>[] = [
  route('GET', '/account', 'any', () => ok(accountDocument())),
  route('GET', '/dyno-sizes', 'any', () => ok(API_SIZES.map(sizeDocument))),
  route('GET', '/dyno-sizes/([^/]+)', 'any', (_, { part }) => {
    const size = findApiSize(part(0));
    if (size === undefined) throw notFound('dyno_size', `Couldn't find that dyno size.`);
    return ok(sizeDocument(size));
  }),
];

/** The first route that matches, and what the groups of its path matched. */
export function findRoute<Subject>(
  routes: readonly Route<Subject>[],
  method: string,
  path: string,
): { readonly route: Route<Subject>; readonly part: (index: number) => string } | undefined {
  for (const candidate of routes) {
    const match = candidate.method === method ? candidate.path.exec(path) : null;
    if (match !== null) {
      return { route: candidate, part: (index) => decodeURIComponent(match[index + 1] ?? '') };
    }
  }
  return undefined;
}

function route<Subject>(
  method: string,
  path: string,
  scope: keyof typeof SCOPES,
  answer: (subject: Subject, call: Call) => Answer,
): Route<Subject> {
  return { method, path: new RegExp(`^${path}$`), scope, answer };
}

function ok(body: unknown, modifiedAt?: number): Answer {
  return { status: 200, body, modifiedAt };
}

function restart(app: App, chosen: (dyno: Dyno) => boolean): Answer {
  app.dynos.restart(chosen);
  return { status: 202, body: {} };
}

function restartOne(app: App, { part }: Call): Answer {
  const dyno = findDyno(app, part(0));
  return restart(app, (candidate) => candidate === dyno);
}

function restartType(app: App, { part }: Call): Answer {
  const { type } = findRow(app, part(0));
  return restart(app, (dyno) => dyno.spec.type === type);
}

function findDyno(app: App, identity: string): Dyno {
  const dyno = app.dynos.current.find((each) => each.spec.name === identity || each.id === identity);
  if (dyno === undefined) throw notFound('dyno');
  return dyno;
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}
