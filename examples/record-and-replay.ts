// A live book recorded for some seconds, then replayed from disk: npx tsx examples/record-and-replay.ts [SECONDS] [FOLDER]
import { setTimeout as sleep } from "node:timers/promises";
import { bookTable, connect, openRecording, quotesOf, spreadByMarket, tableText } from "kalshi-lab";

const seconds = Number(process.argv[2] ?? 5);
const dir = process.argv[3] ?? `out/recordings/${Date.now()}`;
await using lab = await connect();
// Every frame goes to disk as it came, with its receive time; what it means is worked out later.
const ticker = "SANDBOX-LIVE-T55";
const recorder = await lab.record({ ticker, dir });
await sleep(seconds * 1000);
const { frames, gaps } = await recorder.stop();
console.log(`${frames} frames of ${ticker} in ${dir}, ${gaps} gaps`);

// A recording gives the same events as lab.live() does.
const recording = await openRecording(dir);
const quotes = await quotesOf(recording);
console.log(tableText(quotes));
console.log(tableText(spreadByMarket(quotes)));

// The book as it was at the end, and whether it can be trusted.
for (const { book, trust, reason } of await recording.final()) {
  console.log(`book at the end: ${trust}${reason === null ? "" : ` (${reason})`}`);
  if (book !== null) console.log(tableText(bookTable(book)));
}
