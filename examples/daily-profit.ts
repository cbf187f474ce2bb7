// What every day earned, to the micro-dollar, with a picture: npx tsx examples/daily-profit.ts [FROM] [TO] [ZONE]
// Writes out/daily-lots.csv, the closed lots with the dates of the zone, and out/profit.png.
import { chart, connect, exactSum, pnl, saveTable, withDates } from "kalshi-lab";

const [from = "2026-08-16", to, zone = "America/New_York"] = process.argv.slice(2);
await using lab = await connect();
const fills = await lab.fills({ from, to });
const profit = pnl({ fills, settlements: await lab.settlements({ from, to }) });

// A profit belongs to the day on which its lot was closed, in the zone of whoever reports it.
const lots = withDates(profit.lots, zone);
console.log("day        lots     realized         fees          net");
const days = [...new Set(lots.array("closed_date") as string[])].sort();
for (const day of days) {
  const closed = lots
    .params({ day })
    .filter((d: { closed_date: string }, $: { day: string }) => d.closed_date === $.day);
  const [realized, fees] = [exactSum(closed, "realized"), exactSum(closed, "fees")];
  const figures = [realized, fees, realized.minus(fees)].map((value) => value.toFixed(6).padStart(12));
  console.log(`${day} ${String(closed.numRows()).padStart(4)} ${figures.join(" ")}`);
}

// Nothing is lost between the days: they add up to the whole account's profit.
const [realized, fees] = [
  exactSum(lots, "realized"),
  exactSum(lots, "fees").plus(exactSum(profit.openLots, "open_fees")),
];
console.log(
  `${days.length} days: realized ${realized.toFixed(6)}, fees ${fees.toFixed(6)}, net ${profit.net.toFixed(6)}`,
);
console.log(`adds up: ${realized.eq(profit.realized) && fees.eq(profit.fees)}`);

const saved = await saveTable(lots, "out/daily-lots.csv");
await chart.pnl(profit).save("out/profit.png");
console.log(`${saved.path}: ${saved.rows} lots, and out/profit.png`);
