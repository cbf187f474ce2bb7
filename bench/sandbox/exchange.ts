import { startSandbox } from "../../src/sandbox/sandbox.js";
import { argument, serve } from "../child.js";

/** The sandbox in a process of its own: its addresses and key; then what it has used of the processor, and the deltas of its engine. */
const tickers = new Set(argument<readonly string[]>());
const sandbox = await startSandbox({ keyType: "ed25519" });
let deltas = 0;
sandbox.engine.on((event) => {
  if (event.type === "delta" && tickers.has(event.ticker)) deltas += 1;
});
serve({ ...sandbox.ready, privateKey: sandbox.privateKey }, () => ({ cpu: process.cpuUsage(), deltas }));
