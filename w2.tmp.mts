import { storyOf } from './test/world/seeds.ts';
import { World } from './test/world/world.ts';
const seed=Number(process.argv[2]), at=Number(process.argv[3])*1000;
const story=storyOf(seed); const w=new World(story,true);
w.time.after(at,()=>{ for(const k of w.redis.data.keys()) if(k.startsWith('drover')&&!k.includes('memory')) { const t=w.redis.data.typeOf(k); console.log(k,w.redis.data.ttlMs(k), t==='string'?w.redis.data.text(k):[...w.redis.data.hash(k).values()]);} console.log('now',w.time.now); for(const f of w.fleets.values()) console.log(f.type.settings.processType, f.running, f.type.workers, f.type.processes);});
const r=w.time.install(); try{ await w.play(); } finally { r(); }
console.log(JSON.stringify(story.types[0]), story.schedule);
