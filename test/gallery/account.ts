import type { ColumnTable } from "arquero";
import { estimateFee } from "../../src/analysis/fees/estimate.js";
import { forecastsAt } from "../../src/analysis/forecasts/forecasts-at.js";
import { type Profit, pnl } from "../../src/analysis/profit/pnl.js";
import type { FillLike } from "../../src/analysis/read-fills.js";
import { chart } from "../../src/charts/all.js";
import type { PageFigure } from "../../src/charts/html.js";
import { historySeries } from "../../src/cli/tour/history.js";
import { rawOf } from "../../src/frames/exact.js";
import type { Lab } from "../../src/lab/lab.js";
import { CONTRACT } from "../../src/units/count.js";
import { complement, type Price } from "../../src/units/price.js";
import { captioned } from "./caption.js";

/** Charts of what the sandbox's account earned. */
export async function accountCharts(lab: Lab): Promise<PageFigure[]> {
  const [fills, settlements] = [await lab.fills(), await lab.settlements()];
  const markets = await lab.markets({ tickers: [...new Set(fills.array("ticker") as string[])] });
  return chartsOf(pnl({ fills, settlements, markets, marks: "last" }), "fills of the sandbox's account", {});
}

const EACH = 10;

/**
 * Charts of a paper account on the records of a series, where there are no fills of a real one: every day ten contracts of the dearest outcome are
 * bought half a day before its close, at the price of the last trade and with the taker's fee, and held until they are paid. A day that had no
 * trade by then is left out.
 */
export async function paperCharts(lab: Lab, source: string): Promise<PageFigure[]> {
  const series = await historySeries(lab);
  const markets = await lab.markets({ series });
  const forecasts = forecastsAt(await lab.trades({ series }), markets, { before: ["12h"] });
  const { feeType, multiplier } = await termsOf(lab, series);
  const fills = favourites(forecasts).map(({ ticker, event, price, time }): FillLike => {
    const fee = estimateFee({ side: "bid", price: price / 1e6, count: EACH }, { terms: { feeType, multiplier } }).fee!;
    return {
      ...{ created_time: time, ticker, outcome_side: "yes", book_side: "bid", side: null, fill_id: event },
      ...{ yes_price: price, count: EACH * CONTRACT, fee_cost: fee.times(1e6).toNumber() },
    };
  });
  const settlements = paidOut(forecasts, new Set(fills.map(({ ticker }) => ticker)));
  const rule = `${EACH} contracts of each day's dearest outcome, bought 12 hours before close`;
  const of = `paper account on ${source}: ${rule}, at the last trade's price with the taker's fee`;
  return chartsOf(pnl({ fills, settlements, markets }), of, {
    title: `${series}: the favourite of each day, on paper`,
  });
}

function chartsOf(profit: Profit, source: string, options: { readonly title?: string }): PageFigure[] {
  return [
    captioned("chart.pnl(profit)", chart.pnl(profit, options), source),
    captioned("chart.pnlByMarket(profit)", chart.pnlByMarket(profit, options), source),
  ];
}

async function termsOf(lab: Lab, series: string): Promise<{ feeType: string; multiplier: number }> {
  const { series: record } = await lab.api.getSeries({ series_ticker: series });
  return { feeType: record.fee_type, multiplier: record.fee_multiplier };
}

interface Favourite {
  readonly event: string;
  readonly ticker: string;
  readonly price: Price;
  readonly time: number;
}

/** The dearest market of each event, and when it was bought. */
function favourites(forecasts: ColumnTable): Favourite[] {
  const [event, ticker] = ["event_ticker", "ticker"].map((name) => forecasts.array(name) as string[]);
  const [price, time] = [rawOf(forecasts, "price"), rawOf(forecasts, "time")];
  const dearest = new Map<string, Favourite>();
  for (const [row, one] of price.entries()) {
    const before = dearest.get(event![row]!);
    if (one === null || (before !== undefined && before.price >= one)) continue;
    dearest.set(event![row]!, { event: event![row]!, ticker: ticker![row]!, price: one, time: time[row]! });
  }
  // What costs a dollar, or nothing, cannot be bought.
  return [...dearest.values()].filter((one) => one.price > 0 && complement(one.price) > 0);
}

function paidOut(forecasts: ColumnTable, held: ReadonlySet<string>) {
  const [ticker, result] = ["ticker", "result"].map((name) => forecasts.array(name) as (string | null)[]);
  const [close, outcome] = [rawOf(forecasts, "close_time"), rawOf(forecasts, "outcome")];
  return ticker!.flatMap((name, row) => {
    if (!held.has(name!) || outcome[row] === null) return [];
    const counts = { yes_count: EACH * CONTRACT, no_count: 0, value: outcome[row]! };
    return [{ settled_time: close[row]!, ticker: name!, market_result: result![row] ?? "", ...counts }];
  });
}
