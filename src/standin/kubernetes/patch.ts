import { badRequest, StatusError, unsupportedMediaType } from './status-error.ts';

type Json = Record<string, unknown>;

export const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

/** `custom`: of a custom resource, which knows no strategic merge patch. Throws a Status. */
export function applyPatch(object: Json, patch: unknown, contentType: string, custom: boolean): Json {
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(custom ? [] : [STRATEGIC_PATCH])];
  if (!accepted.includes(contentType)) throw unsupportedMediaType(accepted);
  if (contentType === JSON_PATCH) return applyOperations(object, patch);
  if (!isObject(patch)) throw badRequest('the patch is not a JSON object');
  return merge(object, patch, contentType === STRATEGIC_PATCH);
}

/** Keys of list elements in a strategic merge patch, by the name of the list. Other lists are replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  volumes: 'name',
  env: 'name',
  conditions: 'type',
  ownerReferences: 'uid',
};

/** RFC 7386, and with `strategic` lists merged by their keys. */
function merge(object: Json, patch: Json, strategic: boolean): Json {
  const merged: Json = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    // Only says in which order the elements of a list go.
    if (strategic && (key.startsWith('$setElementOrder/') || key === '$patch')) continue;
    const before = merged[key];
    const mergeKey = MERGE_KEYS[key];
    if (value === null) delete merged[key];
    else if (isObject(value)) merged[key] = merge(isObject(before) ? before : {}, value, strategic);
    else if (strategic && mergeKey !== undefined && Array.isArray(value))
      merged[key] = mergeLists(Array.isArray(before) ? before : [], value, mergeKey);
    else merged[key] = value;
  }
  return merged;
}

function mergeLists(before: readonly unknown[], patch: readonly unknown[], key: string): unknown[] {
  const result = [...before] as Json[];
  for (const element of patch as Json[]) {
    const index = result.findIndex((other) => other[key] === element[key]);
    if (element['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(element);
    else result[index] = merge(result[index] ?? {}, element, true);
  }
  return result;
}

/** RFC 6902: add, replace, remove and test, which is what clients of workloads send. */
function applyOperations(object: Json, operations: unknown): Json {
  if (!Array.isArray(operations)) throw badRequest('the patch is not a list of operations');
  const result = structuredClone(object);
  for (const { op, path, value } of operations as readonly {
    op?: string;
    path?: string;
    value?: unknown;
  }[]) {
    const keys = (path ?? '')
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop();
    let parent: unknown = result;
    for (const key of keys) parent = (parent as Json | undefined)?.[key];
    if (last === undefined || typeof parent !== 'object' || parent === null)
      throw unprocessable(`missing path: ${path}`);
    applyOperation(parent as Json, last, { op, value });
  }
  return result;
}

function applyOperation(
  parent: Json,
  key: string,
  { op, value }: { op: string | undefined; value: unknown },
): void {
  const missing = !(key in parent);
  if (op === 'test') {
    if (JSON.stringify(parent[key]) !== JSON.stringify(value))
      throw unprocessable(`testing value ${key} failed`);
  } else if (op === 'add' && Array.isArray(parent)) {
    parent.splice(key === '-' ? parent.length : Number(key), 0, value);
  } else if (op === 'add') parent[key] = value;
  else if (missing) throw unprocessable(`${String(op)} operation does not apply: doc is missing key: ${key}`);
  else if (op === 'replace') parent[key] = value;
  else if (op === 'remove' && Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (op === 'remove') delete parent[key];
  else throw badRequest(`unknown operation ${String(op)}`);
}

function unprocessable(message: string): StatusError {
  return new StatusError(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: ${message}`,
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
