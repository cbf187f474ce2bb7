import { join } from "node:path";
import type { Progress } from "../../history/tally.js";
import type { Lab } from "../../lab/lab.js";
import { progressLine } from "../../lab/progress.js";
import type { Board } from "./board.js";
import { type Kept, keep } from "./keep.js";

/** The series that is in every sandbox, for what needs live books. */
export const LIVE_SERIES = "SANDBOX";

/** Which series the history is about: the first of the world that is not the sandbox's own. */
export async function historySeries(lab: Lab): Promise<string> {
  const tickers = (await lab.series()).array("ticker") as string[];
  return tickers.find((ticker) => ticker !== LIVE_SERIES) ?? LIVE_SERIES;
}

/** Downloads markets, trades and daily candles of a series across the cutoff. */
export async function downloadHistory(
  lab: Lab,
  series: string,
  dir: string,
  board: Board,
  signal: AbortSignal,
): Promise<readonly Kept[]> {
  const onProgress = (progress: Progress): void => board.tell("history", progressLine(progress));
  const ask = { series, signal, onProgress };
  const kept = [
    await keep(lab.markets(ask), join(dir, "markets"), false),
    await keep(lab.trades(ask), join(dir, "trades"), true),
    await keep(lab.candlesticks({ ...ask, period: 1440 }), join(dir, "candlesticks"), true),
  ];
  const rows = kept.reduce((sum, one) => sum + one.rows, 0);
  const { requests, limited } = lab.client.usage;
  const refused = limited === 0 ? "none refused" : `${limited} of them asked to wait`;
  board.end(
    "history",
    `${rows.toLocaleString("en-US")} rows of ${series} · ${requests.toLocaleString("en-US")} requests, ${refused}`,
  );
  return kept;
}
