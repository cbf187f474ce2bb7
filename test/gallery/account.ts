import { pnl } from "../../src/analysis/profit/pnl.js";
import { chart } from "../../src/charts/all.js";
import type { PageFigure } from "../../src/charts/html.js";
import type { Lab } from "../../src/lab/lab.js";
import { captioned } from "./caption.js";

/** Charts of what the sandbox's account earned. */
export async function accountCharts(lab: Lab): Promise<PageFigure[]> {
  const [fills, settlements] = [await lab.fills(), await lab.settlements()];
  const markets = await lab.markets({ tickers: [...new Set(fills.array("ticker") as string[])] });
  const profit = pnl({ fills, settlements, markets, marks: "last" });
  return [
    captioned("chart.pnl(profit)", chart.pnl(profit)),
    captioned("chart.pnlByMarket(profit)", chart.pnlByMarket(profit)),
  ];
}
