import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import type { Story } from '../../test/world/story.ts';
import { DEFECTS, OUTSIDE, type Defect } from './defects.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const STORIES = join(ROOT, 'test/world/stories');
const COPIED = ['src', 'test', 'bench', 'package.json', 'tsconfig.json'];

/** `brokeByStory`: the law that the defect's own story broke. Without a story in the answer no seed broke any. */
type Found = {
  readonly brokeByStory?: string;
  readonly played: number;
  readonly law?: string;
  readonly story?: Story;
};

/**
 * Plants each defect, or only one, in a copy of the tree and plays seeds until one breaks the law. `keep`: the shortest
 * stories replace those that the suite plays.
 */
export async function planted(mostSeeds: number, only: string | undefined, keep: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-planted-'));
  try {
    for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    console.log('Seeds until a planted defect broke the law:');
    for (const defect of DEFECTS.filter(
      (one) => only === undefined || only.split(',').includes(one.defect),
    )) {
      const found = await search(folder, defect, mostSeeds, keep);
      const said =
        found.story === undefined ? `not within ${mostSeeds} seeds` : `${found.played} (${found.law})`;
      const brokeByStory = found.brokeByStory === undefined ? '' : `, by its story: ${found.brokeByStory}`;
      console.log(`  ${defect.defect.padEnd(4)} ${defect.what.padEnd(72)} ${said}${brokeByStory}`);
      if (found.story === undefined && found.brokeByStory === undefined) process.exitCode = 1;
      else if (keep && found.story !== undefined)
        await writeFile(join(STORIES, `${defect.defect}.json`), `${JSON.stringify(found.story, null, 2)}\n`);
    }
    if (only === undefined) {
      console.log('Not of the world:');
      for (const { defect, why, heldBy } of OUTSIDE) console.log(`  ${defect}: ${why} (${heldBy})`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function search(folder: string, defect: Defect, mostSeeds: number, keep: boolean): Promise<Found> {
  const originals = new Map<string, string>();
  for (const { file } of defect.changes) originals.set(file, await readFile(join(ROOT, file), 'utf8'));
  try {
    for (const [file, original] of originals) {
      let text = original;
      for (const change of defect.changes.filter((one) => one.file === file)) {
        const times = text.split(change.find).length - 1;
        // A defect that is no longer planted would be one that is no longer tested for.
        if (times !== 1)
          throw new Error(`defect ${defect.defect}: found ${times} times in ${file}: ${change.find}`);
        text = text.replace(change.find, () => change.replace);
      }
      await writeFile(join(folder, file), text);
    }
    return await firstBroken(folder, defect.defect, mostSeeds, keep);
  } finally {
    for (const [file, original] of originals) await writeFile(join(folder, file), original);
  }
}

async function firstBroken(folder: string, defect: string, mostSeeds: number, keep: boolean): Promise<Found> {
  const story = join(STORIES, `${defect}.json`);
  const more = [...(keep ? ['--keep'] : []), ...(existsSync(story) ? ['--story', story] : [])];
  const args = ['--import', 'tsx', 'bench/world.ts', '--first', '--seeds', String(mostSeeds), ...more];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  await once(child, 'close');
  return JSON.parse(out) as Found;
}
