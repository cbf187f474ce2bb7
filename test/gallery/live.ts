import { setTimeout as wait } from "node:timers/promises";
import { chart } from "../../src/charts/all.js";
import type { PageFigure } from "../../src/charts/html.js";
import type { Lab } from "../../src/lab/lab.js";
import { openRecording } from "../../src/lab/recording.js";
import { captioned } from "./caption.js";

const TICKER = "SANDBOX-LIVE-T55";
const TRADE_EVERY_MS = 1_500;

/** Charts of what no history tells: quotes and books, out of a recording made now, while orders of our own make trades. */
export async function liveCharts(
  lab: Lab,
  { dir, seconds, source }: { dir: string; seconds: number; source: string },
): Promise<PageFigure[]> {
  const recorder = await lab.record({ ticker: TICKER, dir });
  for (let at = 0; at < (seconds * 1000) / TRADE_EVERY_MS; at += 1) {
    const [side, price] = at % 3 === 0 ? (["ask", "0.01"] as const) : (["bid", "0.99"] as const);
    await lab.trading.place({
      ticker: TICKER,
      side,
      count: String(5 + (at % 4) * 10),
      price,
      timeInForce: "immediate_or_cancel",
    });
    await wait(TRADE_EVERY_MS);
  }
  await recorder.stop();
  const recording = await openRecording(dir);
  const ticker = TICKER;
  const [quotes, trades] = [await recording.quotes({ ticker }), await recording.trades({ ticker })];
  const books = await recording.bookSnapshots({ ticker, every: "250ms" });
  const changes = await recording.depth({ ticker, levels: 8 });
  const last = await recording.bookSnapshots({ ticker, every: "1s" });
  return [
    captioned(
      "chart.price(await recording.trades(), { quotes: await recording.quotes() })",
      chart.price(trades, { quotes }),
      source,
    ),
    captioned("chart.spread(await recording.quotes())", chart.spread(quotes), source),
    captioned(
      'chart.depthOverTime(await recording.bookSnapshots({ every: "250ms" }))',
      chart.depthOverTime(books),
      source,
    ),
    captioned(
      "chart.depthOverTime(await recording.depth({ levels: 8 }), { within: 0.03 })",
      chart.depthOverTime(changes, { within: 0.03 }),
      source,
    ),
    captioned('chart.ladder(await recording.bookSnapshots({ every: "1s" }))', chart.ladder(last), source),
    captioned('chart.depth(await recording.bookSnapshots({ every: "1s" }))', chart.depth(last), source),
  ];
}
