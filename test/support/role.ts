import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { parseAllDocuments } from 'yaml';

import type { PolicyRule } from '../../src/standin/kubernetes/access.ts';

const FOLDER = resolve(import.meta.dirname, '../../deploy/kubernetes');

/** The rules of the Role that deploy/kubernetes grants Drover, one for each right. */
export function deployedRules(variant: 'base' | 'keda'): PolicyRule[] {
  const documents = parseAllDocuments(readFileSync(join(FOLDER, variant, 'rights.yaml'), 'utf8')).map(
    (document) => document.toJS() as { readonly kind: string; readonly rules?: readonly PolicyRule[] },
  );
  const rules = documents.find(({ kind }) => kind === 'Role')?.rules;
  if (rules === undefined) throw new Error(`no Role in ${variant}`);
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.map((verb) => ({ apiGroups: [group], resources: [resource], verbs: [verb] })),
      ),
    ),
  );
}

/** A right as messages name it: `get deployments/scale`, `list scaledobjects.keda.sh`. */
export function rightText({
  apiGroups: [group = ''],
  resources: [resource],
  verbs: [verb],
}: PolicyRule): string {
  return `${verb} ${resource}${group === '' || group === 'apps' ? '' : `.${group}`}`;
}
