// A market's microprice and spread out of a recording, as charts: npx tsx examples/microprice.ts [SECONDS] [FOLDER]
import { setTimeout as sleep } from "node:timers/promises";
import {
  bars,
  chart,
  chartOf,
  connect,
  openRecording,
  pipe,
  resample,
  tableOf,
  tableText,
  topOfBook,
} from "kalshi-lab";

const seconds = Number(process.argv[2] ?? 20);
const dir = process.argv[3] ?? `out/recordings/${Date.now()}`;
const ticker = "SANDBOX-LIVE-T55";
await using lab = await connect();
const recorder = await lab.record({ ticker, dir });
await sleep(seconds * 1000);
await recorder.stop();

// The same transforms work on lab.live(): put it where the recording stands.
const recording = await openRecording(dir);
const quotes = await tableOf(pipe(recording, topOfBook()));
await chart.spread(quotes).save("out/spread.png");

// Ten points a second; where nothing is known the line has a gap.
const points = await tableOf(pipe(recording, topOfBook(), resample("100ms")));
const line = (field: string, strokeWidth: number) => ({
  mark: { type: "line", strokeWidth, interpolate: "step-after" },
  encoding: {
    x: { field: "time", type: "temporal", scale: { type: "utc" }, title: null },
    y: { field, type: "quantitative", scale: { zero: false }, title: "YES price ($)" },
    color: { datum: field, scale: { domain: ["midpoint", "microprice"], range: ["#b8b8b8", "#1f5fa8"] } },
  },
});
const values = points.select("time", "midpoint", "microprice").objects() as { time: number }[];
const layer = [line("midpoint", 3), line("microprice", 1.2)];
await chartOf("Microprice", values.length, { data: { values }, width: 720, height: 240, layer }).save(
  "out/microprice.png",
);

console.log(`out/spread.png: ${quotes.numRows()} quotes of ${ticker}`);
console.log(`out/microprice.png: ${values.length} points`);
console.log(tableText(await tableOf(bars({ every: "1s" })(recording)), 6));
