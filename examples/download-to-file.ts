// Trades of a month into a Parquet file that survives a crash: npx tsx examples/download-to-file.ts [FILE.parquet|.csv] [SERIES]
// Stop it with Ctrl-C and run it again: it goes on where it was, and the file is the same.
import { connect, provenance, readTable, vwap } from "kalshi-lab";

const file = process.argv[2] ?? "out/trades.parquet";
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
await using lab = await connect();
const series = process.argv[3] ?? "NORCPI";
const query = lab.trades({ series, from: "2026-08-15", to: "2026-09-15", signal: stop.signal });
const { requests, seconds } = await query.estimate();
for (const { tier, endpoint, parts } of (await query.plan()).steps) console.log(`${tier}: ${endpoint}, ${parts} parts`);
console.log(`at least ${requests} requests and ${seconds.toFixed(1)} s`);

const saved = await query.save(file);
console.log(`${saved.path}: ${saved.rows} trades${saved.resumed ? ", resumed" : ""}`);

const trades = await readTable(file);
console.log(`complete: ${provenance(trades)?.complete}, volume-weighted price $${vwap(trades)?.toFixed(6)}`);
