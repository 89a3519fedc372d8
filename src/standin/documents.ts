import { createHash } from 'node:crypto';

import type { DynoSize } from '../heroku-sizes.ts';
import type { App, Row } from './app.ts';
import type { Dyno } from './dyno.ts';

const OWNER = { email: 'owner@example.com', id: idOf('owner') };

export function appDocument(app: App, variant: string): Record<string, unknown> {
  const stack = { id: idOf('stack'), name: app.generation === 'cedar' ? 'heroku-24' : 'cnb' };
  // The SDK's variant of version 3 gives the generation as a plain string.
  const generation =
    variant === '3.sdk' ? app.generation : { id: idOf(app.generation), name: app.generation };
  return {
    acm: false,
    archived_at: null,
    build_stack: stack,
    buildpack_provided_description: app.deployed ? 'Node.js' : null,
    created_at: time(app.createdAt),
    generation,
    git_url: `https://git.heroku.com/${app.name}.git`,
    id: app.id,
    internal_routing: null,
    maintenance: app.maintenance,
    name: app.name,
    organization: null,
    owner: OWNER,
    process_tier: 'production',
    region: { id: idOf('region'), name: 'us' },
    released_at: time(app.createdAt),
    repo_size: null,
    slug_size: 14_806_874,
    space: null,
    stack,
    team: null,
    updated_at: time(app.updatedAt),
    web_url: `https://${app.name}.herokuapp.com/`,
  };
}

export function formationDocument(app: App, row: Row): Record<string, unknown> {
  return {
    app: { id: app.id, name: app.name },
    command: row.command,
    created_at: time(row.createdAt),
    dyno_size: { id: idOf(row.size), name: row.size },
    id: row.id,
    quantity: row.quantity,
    // Deprecated, but the official CLI still prints it.
    size: row.size,
    type: row.type,
    updated_at: time(row.updatedAt),
  };
}

export function dynoDocument(app: App, dyno: Dyno): Record<string, unknown> {
  const row = app.rows.find((candidate) => candidate.type === dyno.spec.type);
  return {
    attach_url: null,
    command: row?.command ?? '',
    created_at: time(dyno.startedAt),
    id: dyno.id,
    name: dyno.spec.name,
    app: { id: app.id, name: app.name },
    release: { id: app.releaseId, version: 1 },
    size: dyno.spec.size,
    state: dyno.state,
    type: dyno.spec.type,
    updated_at: time(dyno.changedAt),
  };
}

/** The dyno of the release phase, which exists while its command runs. */
export function releaseDynoDocument(app: App): Record<string, unknown> {
  return {
    attach_url: null,
    command: 'npm run migrate',
    created_at: time(app.updatedAt),
    id: idOf(`${app.id} release`),
    name: 'release.1234',
    app: { id: app.id, name: app.name },
    release: { id: app.releaseId, version: 1 },
    size: 'Standard-1X',
    state: 'up',
    type: 'release',
    updated_at: time(app.updatedAt),
  };
}

export function releaseDocument(app: App): Record<string, unknown> {
  return {
    addon_plan_names: [],
    app: { id: app.id, name: app.name },
    artifacts: [],
    created_at: time(app.createdAt),
    current: true,
    description: 'Deploy',
    eligible_for_rollback: true,
    id: app.releaseId,
    output_stream_url: null,
    slug: { id: idOf('slug') },
    status: 'succeeded',
    updated_at: time(app.createdAt),
    user: OWNER,
    version: 1,
  };
}

export function sizeDocument(size: DynoSize): Record<string, unknown> {
  const cents = size.dollarsAMonth * 100;
  return {
    architecture: 'amd64',
    compute: size.compute,
    cost: { cents, unit: 'month' },
    dedicated: /^(?:performance|private)/i.test(size.name),
    generation: { id: idOf(size.generation), name: size.generation },
    id: idOf(size.name),
    memory: size.memoryGb,
    name: size.name,
    precise_dyno_units: cents / 2_500,
    private_space_only: size.tier === 'Private',
  };
}

export function accountDocument(): Record<string, unknown> {
  return {
    allow_tracking: false,
    beta: false,
    country_of_residence: null,
    created_at: '2020-01-01T00:00:00Z',
    default_organization: null,
    default_team: null,
    delinquent_at: null,
    email: OWNER.email,
    federated: false,
    id: OWNER.id,
    identity_provider: null,
    last_login: null,
    name: null,
    sms_number: null,
    suspended_at: null,
    two_factor_authentication: true,
    updated_at: '2020-01-01T00:00:00Z',
    verified: true,
  };
}

/** The API gives times to the second. */
function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** A UUID derived from the name, the same in every run. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
