import { type Mark, writeMark } from "../../src/recorder/marks.js";
import { entryKind } from "../../src/store/segment.js";
import { SegmentWriter } from "../../src/store/segment-writer.js";
import { delta, snapshot, subscribed } from "./frames.js";
import { seeded } from "./seeded.js";

/**
 * Writes a recording of so many deltas over several markets, in raw segments of about 8 MB, a millisecond of the exchange apart; `lost` is one
 * that is missing, and the books are unknown from there on. `aheadMs` is how far the local clock is ahead of the exchange's.
 */
export async function writeDeltas(
  dir: string,
  count: number,
  markets = 4,
  { lost = -1, aheadMs = 0, segmentBytes = 8 * 1024 * 1024, flushEvery = Number.POSITIVE_INFINITY } = {},
): Promise<void> {
  const random = seeded(7);
  const tickers = Array.from({ length: markets }, (_, at) => `KXMANY-${at}`);
  const writer = await SegmentWriter.open({ dir, maxBytes: segmentBytes, syncMs: 60_000 });
  const connect: Mark = { mark: "connect", id: "many", use_yes_price: false, tickers, channels: ["orderbook_delta"] };
  const start = 1_795_329_089_000;
  let seq = 0;
  const send = (ms: number, text: string): void =>
    writer.append(entryKind.text, (start + aheadMs + ms) * 1_000 + 3_000, 0, Buffer.from(text));
  writer.append(entryKind.mark, (start + aheadMs) * 1_000, 0, writeMark(connect));
  send(0, subscribed(1));
  const levels = (least: number) =>
    Array.from({ length: 20 }, (_, at) => [`0.${String(least + at).padStart(2, "0")}00`, "1000000.00"] as const);
  for (const ticker of tickers) {
    seq += 1;
    const text = snapshot({ sid: 1, seq }, ticker, levels(20), levels(40));
    send(0, text.replace('{"type"', `{"sending_ts_ms":${start},"type"`));
  }
  for (let at = 0; at < count; at += 1) {
    const side = random() < 0.5 ? "yes" : "no";
    const cents = (side === "yes" ? 30 : 50) + Math.floor(random() * 10);
    const amount = `${random() < 0.5 ? "" : "-"}${Math.floor(random() * 9) + 1}.00`;
    seq += 1;
    if (at === lost) continue;
    send(at + 1, delta({ sid: 1, seq }, tickers[at % markets]!, side, `0.${cents}00`, amount, start + at + 1));
    if ((at + 1) % flushEvery === 0) writer.flush();
    if (at % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  writer.close();
}
