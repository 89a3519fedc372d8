import { apiVersionOf, NAMESPACES, PODS, type ResourceType } from './resource-types.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
/** Of the release whose rules the stand-in rebuilds. */
const VERSION = { major: '1', minor: '32', gitVersion: 'v1.32.4', platform: 'linux/amd64' };

/** The documents by which a client finds out what the API serves; undefined if `path` is none of them. */
export function discoveryDocument(types: readonly ResourceType[], path: string): unknown {
  if (path === '/version') return VERSION;
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(types) };
  const group = /^\/apis\/([^/]+)$/.exec(path)?.[1];
  if (group !== undefined) {
    const found = groupsOf(types).find(({ name }) => name === group);
    return found && { kind: 'APIGroup', apiVersion: 'v1', ...found };
  }
  const [, groupVersion] = /^\/(?:api|apis)\/(.+)$/.exec(path) ?? [];
  const served = types.filter((type) => apiVersionOf(type) === groupVersion);
  if (served.length === 0 || path.startsWith('/apis/') === (served[0]?.group === '')) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: served.flatMap(resourcesOf) };
}

type Group = {
  readonly name: string;
  readonly versions: readonly unknown[];
  readonly preferredVersion: unknown;
};

function groupsOf(types: readonly ResourceType[]): readonly Group[] {
  const named = types.filter(({ group }) => group !== '');
  return [...new Map(named.map((type) => [type.group, type.version]))].map(([name, version]) => {
    const preferred = { groupVersion: `${name}/${version}`, version };
    return { name, versions: [preferred], preferredVersion: preferred };
  });
}

function resourcesOf(type: ResourceType): readonly unknown[] {
  const { plural, kind, namespaced, shortNames = [] } = type;
  const self = { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs: VERBS, shortNames };
  const scale = {
    name: `${plural}/scale`,
    singularName: '',
    namespaced,
    group: 'autoscaling',
    version: 'v1',
    kind: 'Scale',
    verbs: ['get', 'patch', 'update'],
  };
  const eviction = {
    name: 'pods/eviction',
    singularName: '',
    namespaced,
    group: 'policy',
    version: 'v1',
    kind: 'Eviction',
    verbs: ['create'],
  };
  if (plural === NAMESPACES.plural) return [{ ...self, verbs: ['get', 'list'] }];
  return [
    self,
    ...(type.scaledAs === undefined ? [] : [scale]),
    ...(plural === PODS.plural ? [eviction] : []),
  ];
}
