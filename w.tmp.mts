import { storyOf } from '/work/wt/world/test/world/seeds.ts';
import { play } from '/work/wt/world/test/world/world.ts';
const from=Number(process.argv[2]??1), n=Number(process.argv[3]??1), verbose=process.argv[4]==='v';
const t=performance.now(), c=process.cpuUsage(); let ticks=0, vt=0; const bad:Record<string,number[]>={};
for(let s=from;s<from+n;s++){ const story=storyOf(s); 
 const r=await play(story, verbose); ticks+=r.ticks; vt+=r.tookMs;
 for(const v of r.violations){(bad[v.law]??=[]).push(s); if(n<=40) console.log(s,v.law,(v.atMs/1000).toFixed(1),v.text);}
 if(verbose){ console.log(JSON.stringify(story.types)); console.log(story.schedule); for(const [at,x] of r.log) console.log((at/1000).toFixed(1).padStart(8),x);} }
const ms=performance.now()-t; console.log({seeds:n,ms:Math.round(ms),perSeed:(ms/n).toFixed(1),cpuPerSeed:((process.cpuUsage(c).user+process.cpuUsage(c).system)/1000/n).toFixed(0),ticks,ticksPerS:Math.round(ticks/ms*1000),virtualH:(vt/3.6e6).toFixed(1)}); for(const k in bad) console.log(k,bad[k].length,bad[k].slice(0,12).join(' '));
