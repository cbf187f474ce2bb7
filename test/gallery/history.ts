import { chart } from "../../src/charts/all.js";
import type { PageFigure } from "../../src/charts/html.js";
import { historySeries } from "../../src/cli/tour/history.js";
import type { Lab } from "../../src/lab/lab.js";
import { captioned } from "./caption.js";

interface MarketRow {
  readonly ticker: string;
  readonly event_ticker: string;
  readonly yes_sub_title: string;
  readonly floor_strike: number | null;
  readonly volume: number;
}

/** Charts of a series' past: its busiest event, and the busiest market of that. */
export async function historyCharts(
  lab: Lab,
  { timezone, source }: { timezone: string; source: string },
): Promise<PageFigure[]> {
  const series = await historySeries(lab);
  const all = (await lab.markets({ series })).objects() as MarketRow[];
  const busiest = all.reduce((most, one) => (one.volume > most.volume ? one : most));
  const event = busiest.event_ticker;
  const outcomes = all.filter((one) => one.event_ticker === event);
  outcomes.sort((a, b) => (b.floor_strike ?? Number.NEGATIVE_INFINITY) - (a.floor_strike ?? Number.NEGATIVE_INFINITY));
  const labels = Object.fromEntries(outcomes.map((one) => [one.ticker, one.yes_sub_title]));
  const { ticker } = busiest;
  const [trades, own] = [await lab.trades({ event }), await lab.trades({ ticker })];
  const [hours, minutes] = [await lab.candlesticks({ ticker }), await lab.candlesticks({ ticker, period: 1 })];
  return [
    captioned(
      "chart.event(await lab.trades({ event }), { labels, timezone })",
      chart.event(trades, { labels, timezone, title: `${event}: probability of each outcome` }),
      source,
    ),
    captioned("chart.price(await lab.trades({ ticker }))", chart.price(own), source),
    captioned(
      "chart.price(await lab.candlesticks({ ticker }), { timezone })",
      chart.price(hours, { timezone }),
      source,
    ),
    captioned(
      "chart.candlesticks(await lab.candlesticks({ ticker }), { timezone })",
      chart.candlesticks(hours, { timezone }),
      source,
    ),
    captioned("chart.candlesticks(await lab.candlesticks({ ticker, period: 1 }))", chart.candlesticks(minutes), source),
  ];
}
