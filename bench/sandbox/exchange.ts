import { startSandbox } from "../../src/sandbox/sandbox.js";
import { argument, serve } from "../child.js";

/** What the sandbox has used of the processor, and how many deltas its engine has made of each market. */
export interface Made {
  readonly cpu: NodeJS.CpuUsage;
  readonly deltas: Readonly<Record<string, number>>;
}

/** The sandbox in a process of its own. Ready, it tells its addresses and key. */
const deltas = new Map<string, number>(argument<readonly string[]>().map((ticker) => [ticker, 0]));
const sandbox = await startSandbox({ keyType: "ed25519" });
sandbox.engine.on((event) => {
  if (event.type !== "delta") return;
  const count = deltas.get(event.ticker);
  if (count !== undefined) deltas.set(event.ticker, count + 1);
});
serve({ ...sandbox.ready, privateKey: sandbox.privateKey }, (): Made => {
  return { cpu: process.cpuUsage(), deltas: Object.fromEntries(deltas) };
});
