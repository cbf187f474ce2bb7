import { join } from "node:path";
import type { Frame } from "../../frames/frame.js";
import type { Progress } from "../../history/download.js";
import type { Lab } from "../../lab/lab.js";
import { progressLine } from "../../lab/progress.js";
import type { Query, Saved } from "../../lab/query.js";
import type { Board } from "./board.js";

/** The series that is in every sandbox, for what needs live books. */
export const LIVE_SERIES = "SANDBOX";

/** Which series the history is about: the first of the world that is not the sandbox's own. */
export async function historySeries(lab: Lab): Promise<string> {
  const tickers = (await lab.series()).array("ticker") as string[];
  return tickers.find((ticker) => ticker !== LIVE_SERIES) ?? LIVE_SERIES;
}

/** Downloads markets, trades and daily candles of a series across the cutoff, as Parquet and CSV. */
export async function downloadHistory(
  lab: Lab,
  series: string,
  dir: string,
  board: Board,
  signal: AbortSignal,
): Promise<readonly Saved[]> {
  const onProgress = (progress: Progress): void => board.tell("history", progressLine(progress));
  const ask = { series, signal, onProgress };
  const jobs: readonly (readonly [Query<Frame>, string])[] = [
    [lab.markets(ask), "markets.parquet"],
    [lab.trades(ask), "trades.parquet"],
    [lab.candlesticks({ ...ask, period: 1440 }), "candlesticks.parquet"],
    [lab.candlesticks({ ...ask, period: 1440 }), "candlesticks.csv"],
  ];
  const saved: Saved[] = [];
  for (const [query, name] of jobs) saved.push(await query.save(join(dir, name)));
  const rows = saved.reduce((sum, one) => sum + one.rows, 0);
  const used = lab.client.usage;
  board.end(
    "history",
    `${rows.toLocaleString("en-US")} rows of ${series} in ${saved.length} files, ${used.requests.toLocaleString("en-US")} requests, ${used.limited} refused`,
  );
  return saved;
}
