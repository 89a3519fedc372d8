import type { KubeObject, Selector, Texts } from './objects.ts';
import { badRequest } from './status-error.ts';

type Matches = (labels: Texts) => boolean;

/** The `labelSelector` of a query: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, separated by commas. */
export function parseLabelSelector(text: string): Matches {
  const terms = text.split(/,(?![^(]*\))/).filter((term) => term.trim() !== '');
  const tests = terms.map(parseTerm);
  return (labels) => tests.every((test) => test(labels));
}

function parseTerm(term: string): Matches {
  const set = /^\s*([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return (labels) => values.has(labels[key] ?? '') === (operator === 'in');
  }
  const [, key, operator, value = ''] = /^\s*([\w./-]+)\s*(==?|!=)\s*([\w.-]*)\s*$/.exec(term) ?? [];
  if (key !== undefined) return (labels) => (labels[key] === value) === (operator !== '!=');
  const [, not, name] = /^\s*(!?)\s*([\w./-]+)\s*$/.exec(term) ?? [];
  if (name === undefined) throw badRequest(`unable to parse requirement: ${term}`);
  return (labels) => (labels[name] === undefined) === (not === '!');
}

/** As `status.selector` of a Scale writes it. */
export function formatSelector({ matchLabels = {}, matchExpressions = [] }: Selector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${values.join(',')})`;
  });
  return [...labels, ...expressions].toSorted().join(',');
}

/** Fields that a `fieldSelector` may name, of any kind. The API server allows fewer for most. */
const FIELDS: ReadonlySet<string> = new Set([
  'metadata.name',
  'metadata.namespace',
  'spec.nodeName',
  'spec.unschedulable',
  'status.phase',
  'involvedObject.kind',
  'involvedObject.name',
  'involvedObject.namespace',
  'involvedObject.uid',
  'reason',
  'type',
]);

/** The `fieldSelector` of a query: `a=b` and `a!=b`, separated by commas. */
export function parseFieldSelector(text: string): (object: KubeObject) => boolean {
  const tests = text
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const [, field, operator, value] = /^([\w.]+)(==?|!=)(.*)$/.exec(term) ?? [];
      if (field === undefined || !FIELDS.has(field))
        throw badRequest(`field label not supported: ${field ?? term}`);
      return (object: KubeObject) => (valueAt(object, field) === value) === (operator !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

function valueAt(object: unknown, path: string): string {
  let value = object;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key];
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
