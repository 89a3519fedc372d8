import { storyOf } from './test/world/seeds.ts';
import { play } from './test/world/world.ts';
import { shrink } from './test/world/shrink.ts';
import { tell } from './test/world/words.ts';
for (const arg of process.argv.slice(2)) { const [seed,law]=arg.split(':'); const story=storyOf(Number(seed)); const r=await play(story); const l=(law??r.violations[0]?.law) as any; if(!l){console.log(seed,'fine');continue;} const s=await shrink(story,l); const o=await play(s,true); const last=o.violations[0]!.atMs; const tellit=tell(s,{...o,log:o.log.filter(([at])=>at>last-200000&&at<=last+1)}); console.log(tellit.split('\n').map(x=>x.slice(0,210)).join('\n')); }
