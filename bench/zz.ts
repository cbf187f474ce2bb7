import { JupyterClient } from "../test/support/jupyter-client.js";
import { setTimeout as sleep } from "node:timers/promises";
import { readFileSync, readdirSync } from "node:fs";
const m=(a:number[])=>[...a].sort((x,y)=>x-y)[a.length>>1]!;
const one:number[]=[],start:number[]=[],first:number[]=[],rss:number[]=[],pss:number[]=[],rssAfter:number[]=[];
function procs(pid:number):number[]{return [pid,...readdirSync(`/proc/${pid}/task`).flatMap(t=>readFileSync(`/proc/${pid}/task/${t}/children`,"utf8").split(" ").filter(Boolean)).flatMap(c=>procs(Number(c)))]}
const sum=(pid:number,k:string)=>procs(pid).reduce((s,p)=>s+Number(new RegExp(`^${k}:\\s+(\\d+)`,"m").exec(readFileSync(`/proc/${p}/smaps_rollup`,"utf8"))![1])/1024,0);
for(let r=0;r<5;r++){
const b=performance.now();
const k=await JupyterClient.start(); start.push(performance.now()-b);
await k.execute("const first: number = 41; first + 1"); first.push(performance.now()-b);
await sleep(3000);
rss.push(sum(k.child.pid!,"Rss"));pss.push(sum(k.child.pid!,"Pss"));
const a:number[]=[];for(let i=0;i<40;i++){const s=performance.now();await k.execute(`1 + ${i}`);a.push(performance.now()-s);}
one.push(m(a)); rssAfter.push(sum(k.child.pid!,"Rss"));
await k.close();}
console.log(Object.entries({start,first,rss,pss,one,rssAfter}).map(([n,a])=>`${n} ${m(a).toFixed(1)}`).join("  "));
