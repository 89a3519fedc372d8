/* oxlint-disable typescript/no-unnecessary-type-parameters -- the caller knows which document a type has */
import { randomUUID } from 'node:crypto';

import { timestamp, type KubeObject } from './objects.ts';
import { alreadyExists, conflict, notFound } from './status-error.ts';
import type { ResourceType } from './resource-types.ts';

/** One change of an object, as a watch reports it. `version` is the resource version it made. */
export type Change = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceType;
  readonly object: KubeObject;
  readonly version: number;
};

/** What reads are answered from: the store, or an earlier state of it. */
export type View = {
  readonly version: number;
  get<T extends KubeObject>(type: ResourceType, namespace: string, name: string): T | undefined;
  /** `namespace` empty: of all namespaces. Sorted by namespace and name, as the API server lists. */
  list<T extends KubeObject>(type: ResourceType, namespace: string): readonly T[];
};

/** By kind, so that a list does not go through the events; then by namespace and name. */
type Objects = Map<string, Map<string, KubeObject>>;

/** A watch may begin this many changes ago. */
const CHANGES_KEPT = 2_000;

/** The objects of the cluster, each replaced as a whole, with one resource version for all. `now` is epoch ms. */
export class Store implements View {
  #version = 1;
  readonly #objects: Objects = new Map();
  #changes: Change[] = [];
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get version(): number {
    return this.#version;
  }

  /** The oldest resource version that a watch may begin after. */
  get oldestVersion(): number {
    return (this.#changes[0]?.version ?? this.#version + 1) - 1;
  }

  get<T extends KubeObject>(type: ResourceType, namespace: string, name: string): T | undefined {
    return viewOf(this.#objects, this.#version).get<T>(type, namespace, name);
  }

  list<T extends KubeObject>(type: ResourceType, namespace: string): readonly T[] {
    return viewOf(this.#objects, this.#version).list<T>(type, namespace);
  }

  /** The state as it is now, whatever changes later. */
  snapshot(): View {
    const copy = [...this.#objects].map(([kind, ofKind]) => [kind, new Map(ofKind)] as const);
    return viewOf(new Map(copy), this.#version);
  }

  create<T extends KubeObject>(
    type: ResourceType,
    object: Omit<T, 'metadata'> & { metadata: Partial<T['metadata']> },
  ): T {
    const { name = '', namespace = '' } = object.metadata;
    if (this.get(type, namespace, name) !== undefined) throw alreadyExists(type, name);
    const made = {
      ...object,
      metadata: {
        ...object.metadata,
        name,
        uid: randomUUID(),
        generation: 1,
        creationTimestamp: timestamp(this.#now()),
      },
    };
    return this.#put<T>(type, made as unknown as T, 'ADDED');
  }

  /** Throws a 409 unless `object` carries the resource version that is stored, or none. */
  replace<T extends KubeObject>(type: ResourceType, object: T): T {
    const { name, namespace = '', resourceVersion } = object.metadata;
    const stored = this.get<T>(type, namespace, name);
    if (stored === undefined) throw notFound(type, name);
    if (![undefined, '', stored.metadata.resourceVersion].includes(resourceVersion))
      throw conflict(type, name);
    const changed = {
      ...object,
      metadata: { ...object.metadata, resourceVersion: stored.metadata.resourceVersion },
    };
    return same(changed, stored) ? stored : this.#put(type, changed, 'MODIFIED');
  }

  remove(type: ResourceType, object: KubeObject): void {
    const { namespace = '', name } = object.metadata;
    if (!this.#ofKind(type).delete(`${namespace}/${name}`)) return;
    this.#version += 1;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    this.#record({ type: 'DELETED', resource: type, object: last, version: this.#version });
  }

  /** Calls `listener` with every change from now on, after those since `version`. Returns what ends it. */
  watch(version: number, listener: (change: Change) => void): () => void {
    for (const change of this.#changes) if (change.version > version) listener(change);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put<T extends KubeObject>(type: ResourceType, object: T, change: 'ADDED' | 'MODIFIED'): T {
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    const { namespace = '', name } = stored.metadata;
    this.#ofKind(type).set(`${namespace}/${name}`, stored);
    this.#record({ type: change, resource: type, object: stored, version: this.#version });
    return stored;
  }

  #ofKind(type: ResourceType): Map<string, KubeObject> {
    const kind = kindKey(type);
    const found = this.#objects.get(kind) ?? new Map<string, KubeObject>();
    this.#objects.set(kind, found);
    return found;
  }

  #record(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length > CHANGES_KEPT) this.#changes = this.#changes.slice(-CHANGES_KEPT / 2);
    for (const listener of this.#listeners) listener(change);
  }
}

function viewOf(objects: ReadonlyMap<string, ReadonlyMap<string, KubeObject>>, version: number): View {
  return {
    version,
    get: <T extends KubeObject>(type: ResourceType, namespace: string, name: string) =>
      objects.get(kindKey(type))?.get(`${namespace}/${name}`) as T | undefined,
    list: <T extends KubeObject>(type: ResourceType, namespace: string) => {
      const all = [...(objects.get(kindKey(type)) ?? [])];
      const found = namespace === '' ? all : all.filter(([key]) => key.startsWith(`${namespace}/`));
      return found.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object as T);
    },
  };
}

function kindKey({ group, plural }: ResourceType): string {
  return `${group}/${plural}`;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
