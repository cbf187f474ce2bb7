import type { Profit } from "../analysis/profit/pnl.js";
import { dollarFormat, EXACT_DOLLARS, extent, moneyText, plural } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { needColumns, needRows, numbers, texts } from "./columns.js";
import type { ChartOptions } from "./options.js";
import type { Labels } from "./series.js";
import type { Datum, Json } from "./spec.js";
import { colours, figure } from "./theme.js";

export interface ProfitByMarketOptions extends ChartOptions {
  readonly labels?: Labels;
  /** Markets to show, those with the largest gains and losses; 20 unless told otherwise. */
  readonly most?: number;
}

const ROW_HEIGHT = 24;

/** Pixels between a bar and its amount, and of a character of it at most. */
const LABEL_GAP = 6;
const CHARACTER = 6.6;

/**
 * Net profit of every market as a bar, largest gain on top, with a tick where it stood before fees. Takes the result of `pnl`.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function pnlByMarket(profit: Pick<Profit, "markets">, options: ProfitByMarketOptions = {}): Chart {
  const chart = "pnlByMarket";
  const { width = 560, most = 20 } = options;
  const { markets } = profit;
  needColumns(chart, markets, ["ticker", "position", "realized", "unrealized", "fees", "net"]);
  needRows(chart, markets.numRows(), "markets", "the account has not traded in this span; ask a longer one");
  const tickers = texts(markets, "ticker");
  const [position, realized, unrealized, fees, net] = ["position", "realized", "unrealized", "fees", "net"].map(
    (name) => numbers(chart, markets, name),
  );
  const rows = tickers
    .map((_, row) => row)
    .sort((a, b) => Math.abs(net![b]!) - Math.abs(net![a]!))
    .slice(0, most)
    .sort((a, b) => net![b]! - net![a]! || (tickers[a]! < tickers[b]! ? -1 : 1));
  const data = rows.map(
    (row): Datum => ({
      market: options.labels?.[tickers[row]!] ?? tickers[row]!,
      ticker: tickers[row]!,
      position: position![row]!,
      realized: realized![row]!,
      unrealized: unrealized![row] ?? null,
      fees: fees![row]!,
      net: net![row]!,
      amount: moneyText(net![row]!),
      gross: Math.round((net![row]! + fees![row]!) * 1e6) / 1e6,
    }),
  );
  const range = extent(
    data.map((one) => one.net as number),
    data.map((one) => one.gross as number),
    [0],
  )!;
  // Room at both ends for the amounts beside the bars.
  const label = LABEL_GAP * 2 + CHARACTER * Math.max(...data.map(({ amount }) => String(amount).length));
  const sides = Number(range[0] < 0) + Number(range[1] > 0);
  const margin = Math.max(((range[1] - range[0]) * label) / Math.max(width - sides * label, label), 0.01);
  const domain: [number, number] = [range[0] < 0 ? range[0] - margin : 0, range[1] > 0 ? range[1] + margin : 0];
  const x = (field: string): Json => ({
    field,
    type: "quantitative",
    title: "profit ($)",
    scale: { domain, nice: false },
    axis: { format: dollarFormat(domain), tickCount: 6 },
  });
  const y: Json = {
    field: "market",
    type: "nominal",
    sort: null,
    title: null,
    axis: { labelLimit: 260, grid: false, domain: false, ticks: false, labelColor: colours.text },
  };
  const tooltip: Json = [
    { field: "ticker", type: "nominal", title: "market" },
    { field: "position", type: "quantitative", title: "contracts held", format: ",.2~f" },
    ...["realized", "unrealized", "fees", "net"].map((field) => ({
      field,
      type: "quantitative",
      title: field,
      format: EXACT_DOLLARS,
    })),
  ];
  const amount = (test: string, align: string, dx: number): Json => ({
    transform: [{ filter: test }],
    mark: { type: "text", align, dx, fontSize: 11, color: colours.text },
    encoding: { x: x("end"), y, text: { field: "amount", type: "nominal" } },
  });
  const title = options.title ?? "Profit by market";
  const notes = [
    "net of fees; the tick marks profit before fees",
    plural(tickers.length, "market"),
    rows.length < tickers.length ? `the ${rows.length} largest gains and losses shown` : null,
    data.some((one) => one.unrealized === null) ? "open positions without a mark at cost" : null,
  ];
  const spec = figure(
    { title, notes },
    width,
    {
      width,
      height: options.height ?? Math.max(60, data.length * ROW_HEIGHT),
      data: { values: data },
      transform: [
        { calculate: "datum.net < 0 ? min(datum.net, datum.gross) : max(datum.net, datum.gross)", as: "end" },
      ],
      layer: [
        {
          mark: { type: "bar", height: { band: 0.68 }, cornerRadiusEnd: 2 },
          encoding: {
            x: x("net"),
            y,
            color: { condition: { test: "datum.net < 0", value: colours.loss }, value: colours.gain },
            tooltip,
          },
        },
        {
          mark: { type: "tick", color: colours.text, thickness: 1.5, height: { band: 0.68 } },
          encoding: { x: x("gross"), y, tooltip },
        },
        amount("datum.net >= 0", "left", LABEL_GAP),
        amount("datum.net < 0", "right", -LABEL_GAP),
      ],
    },
    options,
  );
  return chartOf(title, markets.numRows(), spec);
}
