import type { ColumnTable } from "arquero";
import { impliedDistribution } from "../../src/analysis/coherence/implied.js";
import { calibration } from "../../src/analysis/forecasts/calibration.js";
import { forecastsAt } from "../../src/analysis/forecasts/forecasts-at.js";
import { chart } from "../../src/charts/all.js";
import type { PageFigure } from "../../src/charts/html.js";
import { historySeries } from "../../src/cli/tour/history.js";
import type { Lab } from "../../src/lab/lab.js";
import { captioned } from "./caption.js";

/** Prices of a series as forecasts: how often they were right, and what those of its busiest event said together. */
export async function forecastCharts(lab: Lab, source: string): Promise<PageFigure[]> {
  const series = await historySeries(lab);
  const markets = (await lab.markets({ series })).filter((d: { result: string }) => d.result !== "").reify();
  const forecasts = forecastsAt(await lab.trades({ series }), markets, { before: ["1d", "12h", "6h"] });
  const dayBefore = forecasts.filter((d: { before: string }) => d.before === "1d").reify();
  const { implied, event } = impliedOf(markets, dayBefore);
  return [
    captioned(
      "chart.calibration(calibration(forecasts))",
      chart.calibration(calibration(dayBefore), { title: `${series}: calibration a day before close` }),
      source,
    ),
    captioned(
      "chart.calibration(calibration(forecasts))",
      chart.calibration(calibration(forecasts), { title: `${series}: calibration` }),
      source,
    ),
    captioned(
      "chart.distribution(impliedDistribution(markets), { quantity })",
      chart.distribution(implied, {
        quantity: "highest temperature (°F)",
        title: `${event}: implied distribution a day before close`,
      }),
      source,
    ),
  ];
}

/** Of the event of the market with most contracts, among those whose markets all had a price. */
function impliedOf(markets: ColumnTable, forecasts: ColumnTable) {
  const priced = markets.join_left(forecasts.select("ticker", "price"), "ticker");
  const rows = priced.objects() as { event_ticker: string; volume: number; price: number | null }[];
  const lacking = new Set(rows.filter(({ price }) => price === null).map(({ event_ticker }) => event_ticker));
  const whole = rows.filter(({ event_ticker }) => !lacking.has(event_ticker));
  const { event_ticker: event } = whole.reduce((most, one) => (one.volume > most.volume ? one : most));
  const own = priced
    .params({ event })
    .filter((d: { event_ticker: string }, $: { event: string }) => d.event_ticker === $.event);
  return { implied: impliedDistribution(own, { price: "price" }), event };
}
