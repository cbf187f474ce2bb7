// Everything of a series into a library of Parquet files, and what has come since: npx tsx examples/backfill.ts [SERIES] [FOLDER]
// Stop it with Ctrl-C and run it again: it goes on where it was. Any engine reads FOLDER/kind=trades by itself.
import { connect } from "kalshi-lab";

const [series = "NORCPI", library = "out/datasets"] = process.argv.slice(2);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
await using lab = await connect();
const report = await lab.sync({ library, series, signal: stop.signal });
for (const { kind, added, updated, through } of report.subjects) {
  console.log(`${kind}: ${added} new, ${updated} updated, all before ${through}`);
}
for (const { key, changes } of report.amendments) console.log(`amended: ${key}: ${changes.join(", ")}`);
console.log(`${report.requests} requests, ${report.files} files`);

const { faults, rows } = await lab.verify(library);
console.log(`${rows} rows in the library, ${faults.length} faults`);

const days = await lab.sql(
  `SELECT date, count(*) AS trades, sum("count") AS contracts, sum(yes_price * "count") AS paid
   FROM trades WHERE series = '${series}' GROUP BY date ORDER BY paid DESC LIMIT 5`,
  { library },
);
console.log(days.objects({ limit: 1 }));
