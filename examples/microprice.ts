// A market's microprice and spread out of a recording, as charts: npx tsx examples/microprice.ts [SECONDS] [FOLDER]
import { setTimeout as sleep } from "node:timers/promises";
import { chart, chartOf, connect, openRecording, pipe, resample, tableOf, topOfBook } from "kalshi-lab";

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
console.log(`out/spread.png: ${quotes.numRows()} quotes of ${ticker}`);

// Ten points a second; where nothing is known the line has a gap.
const points = await tableOf(pipe(recording, topOfBook(), resample("100ms")));
const values = points.select("time", "midpoint", "microprice").objects() as { time: number }[];
const x = { field: "time", type: "temporal", scale: { type: "utc" }, title: null };
const layer = ["midpoint", "microprice"].map((field) => {
  const y = { field, type: "quantitative", scale: { zero: false }, title: "YES price ($)" };
  return { mark: { type: "line", interpolate: "step-after" }, encoding: { x, y, color: { datum: field } } };
});
const picture = chartOf(`${ticker}: microprice`, values.length, { data: { values }, width: 720, height: 240, layer });
await picture.save("out/microprice.png");
console.log(`out/microprice.png: ${values.length} points`);
