import { readFileSync } from 'node:fs';

import { satisfies } from 'semver';
import { expect, test } from 'vitest';

type Lock = {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly engines?: { readonly node?: string } }>
  >;
};

/*
 * An install warns of a package that wants a newer Node than the one it is installed for, and with Yarn 1 it fails.
 * `light-my-request` is in package.json for that reason alone: fastify brings it for its `inject`, which nothing here
 * loads, and from 6.8 on it brings a `cookie` for Node 22. As a dependency of ours it is held down for users, too, which
 * `overrides` would not reach.
 */

/** The oldest Node of package.json's `engines`. */
const OLDEST_NODE = '20.19.0';

test.each(['.', 'examples/newsletter', 'examples/nestjs'])(
  '%s: every package in the lock runs on the oldest Node',
  (folder) => {
    const lock = JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8')) as Lock;
    const packages = Object.entries(lock.packages);
    expect(packages.length).toBeGreaterThan(50);
    const tooNew = packages
      .filter(([, { engines }]) => engines?.node !== undefined && !satisfies(OLDEST_NODE, engines.node))
      .map(([path, { version, engines }]) => `${path} ${version} wants ${engines?.node}`);
    expect(tooNew).toEqual([]);
  },
);
