import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { replicaRules } from '../../../src/adapters/kubernetes/scaled-object.ts';

const MANIFEST = resolve(import.meta.dirname, '../../../deploy/kubernetes/keda/scaled-object.yaml');
const UNSET = { min: 0, max: 100 };

test.each([
  { name: 'nothing is set', spec: {}, rules: UNSET },
  { name: 'there is no spec', spec: undefined, rules: UNSET },
  {
    name: 'both counts are set',
    spec: { minReplicaCount: 1, maxReplicaCount: 9 },
    rules: { min: 1, max: 9 },
  },
  {
    name: 'counts are out of range',
    spec: { minReplicaCount: -1, maxReplicaCount: 'many' },
    rules: UNSET,
  },
  {
    name: 'a fallback sets a count',
    spec: { fallback: { failureThreshold: 3, replicas: 2 } },
    rules: { ...UNSET, fallback: 2 },
  },
  {
    name: 'a fallback only lowers',
    spec: { fallback: { replicas: 2, behavior: 'currentReplicasIfLower' } },
    rules: { ...UNSET, fallback: 2 },
  },
  {
    name: 'a fallback only raises',
    spec: { fallback: { replicas: 2, behavior: 'currentReplicasIfHigher' } },
    rules: UNSET,
  },
  {
    name: 'a fallback keeps the replicas',
    spec: { fallback: { replicas: 2, behavior: 'currentReplicas' } },
    rules: UNSET,
  },
])('the rules of a ScaledObject where $name', ({ spec, rules }) => {
  expect(replicaRules(spec)).toEqual(rules);
});

test('the manifest has the range of the base, and no fallback', () => {
  const specs = parseAllDocuments(readFileSync(MANIFEST, 'utf8'))
    .map((document) => document.toJS() as { kind: string; spec: unknown })
    .filter(({ kind }) => kind === 'ScaledObject');
  expect(specs.map(({ spec }) => replicaRules(spec))).toEqual([{ min: 0, max: 20 }]);
});
