import { forbidden, StatusError } from './status-error.ts';
import type { ResourceType } from './resource-types.ts';

/** A rule of a Role, as in its `rules`; `*` is any. */
export type PolicyRule = {
  readonly apiGroups: readonly string[];
  /** A subresource is written `deployments/scale`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};

/** What a request does, as RBAC sees it. */
export type Access = {
  readonly verb: string;
  readonly type: ResourceType;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
};

export const USER = 'system:serviceaccount:default:drover';

/** Throws a 401 for a token that is not valid, and a 403 for a request without one, as with anonymous access on. */
export function authenticate(tokens: ReadonlySet<string>, authorization: string | undefined): void {
  if (authorization === undefined) {
    const message = 'forbidden: User "system:anonymous" cannot access this path';
    throw new StatusError(403, 'Forbidden', message, { details: {} });
  }
  const [, token = ''] = /^Bearer (.+)$/i.exec(authorization) ?? [];
  if (!tokens.has(token)) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
}

/** A Role: what is allowed in one namespace. */
export type Role = { readonly namespace: string; readonly rules: readonly PolicyRule[] };

/** Throws a 403. `role` undefined: everything is allowed. */
export function authorize(role: Role | undefined, access: Access): void {
  if (isAllowed(role, access)) return;
  const { verb, type, subresource, namespace, name } = access;
  const resource = subresource === '' ? type.plural : `${type.plural}/${subresource}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw forbidden(
    type,
    name,
    `User "${USER}" cannot ${verb} resource "${resource}" in API group "${type.group}" ${scope}`,
  );
}

export function isAllowed(role: Role | undefined, access: Access): boolean {
  if (role === undefined) return true;
  const { verb, type, subresource, namespace, name } = access;
  if (type.namespaced && namespace !== role.namespace) return false;
  const resource = subresource === '' ? type.plural : `${type.plural}/${subresource}`;
  const includes = (list: readonly string[], wanted: string): boolean =>
    list.includes('*') || list.includes(wanted);
  return role.rules.some(
    (rule) =>
      includes(rule.apiGroups, type.group) &&
      includes(rule.resources, resource) &&
      includes(rule.verbs, verb) &&
      (rule.resourceNames === undefined || rule.resourceNames.includes(name)),
  );
}
