import { setTimeout as wait } from "node:timers/promises";
import type { Lab } from "../../lab/lab.js";
import type { RecordingSummary } from "../../recorder/record.js";
import type { Board } from "./board.js";

/** Records some markets for a while. What is recorded when it is stopped early is kept. */
export async function recordAWhile(
  lab: Lab,
  tickers: readonly string[],
  seconds: number,
  dir: string,
  board: Board,
  signal: AbortSignal,
): Promise<RecordingSummary> {
  const recorder = await lab.record({
    tickers,
    dir,
    channels: ["orderbook_delta", "trade", "ticker", "fill", "user_orders"],
  });
  try {
    for (let second = 0; second < seconds; second += 1) {
      const { frames, gaps } = recorder.status();
      board.tell(
        "live",
        `${second} of ${seconds} s · ${tickers.length} markets · ${frames.toLocaleString("en-US")} frames · ${gaps} gaps`,
      );
      await wait(1_000, undefined, { signal });
    }
  } finally {
    await recorder.stop();
  }
  const summary = await recorder.done;
  board.end(
    "live",
    `${summary.frames.toLocaleString("en-US")} frames of ${tickers.length} markets in ${seconds} s, ${summary.gaps} gaps, ${dir}`,
  );
  return summary;
}
