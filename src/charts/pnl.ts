import type { ColumnTable } from "arquero";
import type { Profit } from "../analysis/profit/pnl.js";
import { AXIS_EXTENT, dollarFormat, EXACT_DOLLARS, extent, plural, thousands } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { needColumns, needRows, numbers, texts, times } from "./columns.js";
import type { TimeChartOptions } from "./options.js";
import { budget, reduce } from "./reduce.js";
import type { Datum, Json, Spec } from "./spec.js";
import { colours, figure } from "./theme.js";
import { exactTime, spanText, timeText, timeX } from "./time-axis.js";
import { zoneOf } from "./zone.js";

/** Above this many fills their marks are small. */
const MAX_LARGE = 400;

/**
 * Net profit over time with fills and settlements marked, its amount before fees beside it, and the fees added up below.
 * Takes the result of `pnl`. Open positions are not in the line: it shows what was realized.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function pnl(profit: Pick<Profit, "overTime" | "fills" | "method">, options: TimeChartOptions = {}): Chart {
  const { width = 720, height = 280 } = options;
  const steps = readSteps(profit);
  const span: [number, number] = [steps[0]!.time, steps.at(-1)!.time];
  const zone = zoneOf(options.timezone, span);
  const values = [steps.map((step) => step.net), steps.map((step) => step.realized)];
  const { perPixel, enough } = budget(span, width, 2);
  const rows = reduce(
    steps.map((step) => step.time),
    values,
    perPixel,
    enough,
  );
  const marked = rows.length === steps.length;
  const data: Datum[] = [{ time: exactTime(span[0]), net: 0, realized: 0, fees: 0 }];
  for (const row of rows) {
    const { time, net, realized, fees, ...about } = steps[row]!;
    data.push({ time: exactTime(time), net, realized, fees, ...(marked ? about : {}) });
  }
  const range = padded(extent(...values, [0])!);
  const y = (field: string): Spec => ({
    field,
    type: "quantitative",
    title: "profit ($)",
    scale: { domain: range, nice: false, zero: false },
    axis: { format: dollarFormat(range), tickCount: 6, minExtent: AXIS_EXTENT },
  });
  const x = timeX("time", span, zone, false);
  const lines: Spec = { domain: ["net", "before fees"], range: [colours.main, colours.faint] };
  const marks: Json = { orient: "top", direction: "horizontal", offset: 4 };
  const legend: Json = { orient: "top", direction: "horizontal", symbolType: "stroke", offset: 4 };
  const line = (field: string, name: string, mark: Spec): Json => ({
    transform: [{ calculate: `'${name}'`, as: "line" }],
    mark: { type: "line", interpolate: "step-after", ...mark },
    encoding: {
      x,
      y: y(field),
      color: { field: "line", type: "nominal", sort: null, scale: lines, title: null, legend },
    },
  });
  const zero: Json = {
    data: { values: [{ zero: 0 }] },
    mark: { type: "rule", color: colours.axis, strokeWidth: 1 },
    encoding: { y: { ...y("zero") } },
  };
  const dots: Json = {
    transform: [{ filter: "isValid(datum.kind)" }],
    mark: {
      type: "point",
      filled: true,
      size: steps.length > MAX_LARGE ? 16 : 52,
      opacity: 0.9,
      stroke: colours.ground,
      strokeWidth: 0.6,
    },
    encoding: {
      x,
      y: y("net"),
      fill: {
        field: "kind",
        type: "nominal",
        title: null,
        sort: null,
        scale: { domain: ["YES bought", "NO bought", "settled"], range: [colours.gain, colours.down, colours.text] },
        legend: marks,
      },
      shape: {
        field: "kind",
        type: "nominal",
        sort: null,
        scale: { domain: ["YES bought", "NO bought", "settled"], range: ["triangle-up", "triangle-down", "diamond"] },
        title: null,
        legend: marks,
      },
      tooltip: [
        { field: "time_text", type: "nominal", title: "time" },
        { field: "ticker", type: "nominal", title: "market" },
        { field: "kind", type: "nominal", title: "what" },
        { field: "count", type: "quantitative", title: "contracts", format: ",.2~f" },
        ...[
          ["price", "YES price"],
          ["fee", "fee"],
          ["net", "net so far"],
          ["realized", "before fees"],
          ["fees", "fees so far"],
        ].map(([field, title]) => ({ field: field!, type: "quantitative", title: title!, format: EXACT_DOLLARS })),
      ],
    },
  };
  const feeRange = padded(
    extent(
      steps.map((step) => step.fees),
      [0],
    )!,
  );
  const fees: Json = {
    width,
    height: Math.round(height * 0.3),
    mark: {
      type: "area",
      interpolate: "step-after",
      color: colours.fee,
      opacity: 0.35,
      line: { color: colours.fee, strokeWidth: 1.4 },
    },
    encoding: {
      x: timeX("time", span, zone),
      y: {
        field: "fees",
        type: "quantitative",
        title: "fees ($)",
        // Fills of one moment are steps of one line, not piles on each other.
        stack: null,
        scale: { domain: feeRange, nice: false },
        axis: { format: dollarFormat(feeRange, 3), tickCount: 3, minExtent: AXIS_EXTENT },
      },
    },
  };
  const title = options.title ?? "Profit from fills";
  const count = profit.fills.numRows();
  const notes = [
    `realized, ${profit.method === "fifo" ? "oldest lot first" : "at average cost"}, and the fees below`,
    spanText(span, zone),
    plural(count, "fill"),
    steps.length > count ? plural(steps.length - count, "settlement") : null,
    rows.length < steps.length ? `drawn as ${thousands(rows.length)} points, extremes kept, fills not marked` : null,
  ];
  const net = [line("realized", "before fees", { strokeDash: [4, 3], strokeWidth: 1.4 }), line("net", "net", {})];
  const spec = figure(
    { title, notes },
    width,
    {
      data: { values: data },
      transform: [timeText("time", "time_text", zone)],
      vconcat: [{ width, height, layer: [zero, ...net, ...(marked ? [dots] : [])] }, fees],
      bounds: "flush",
      spacing: 16,
    },
    options,
  );
  return chartOf(title, profit.overTime.numRows(), spec);
}

interface Step {
  readonly time: number;
  readonly net: number;
  readonly realized: number;
  readonly fees: number;
  readonly ticker: string;
  readonly kind: string;
  readonly count: number | null;
  readonly price: number | null;
  readonly fee: number | null;
}

/** The steps of the account, each fill with what it was: both tables hold the fills in the same order. */
function readSteps({ overTime, fills }: { overTime: ColumnTable; fills: ColumnTable }): Step[] {
  const chart = "pnl";
  needColumns(chart, overTime, ["time", "ticker", "what", "realized", "fees", "net"]);
  needColumns(chart, fills, ["outcome_side", "yes_price", "count", "fee_cost"]);
  needRows(chart, overTime.numRows(), "fills", "the account has not traded in this span; ask a longer one");
  const time = times(chart, overTime, "time");
  const [realized, fees, net] = ["realized", "fees", "net"].map((name) => numbers(chart, overTime, name));
  const [ticker, what, side] = [texts(overTime, "ticker"), texts(overTime, "what"), texts(fills, "outcome_side")];
  const [price, count, fee] = ["yes_price", "count", "fee_cost"].map((name) => numbers(chart, fills, name));
  let fill = 0;
  return time.map((at, row) => {
    const isFill = what[row] === "fill";
    const of = isFill ? fill++ : -1;
    return {
      time: at!,
      net: net![row]!,
      realized: realized![row]!,
      fees: fees![row]!,
      ticker: ticker[row]!,
      kind: isFill ? (side[of] === "yes" ? "YES bought" : "NO bought") : "settled",
      count: count![of] ?? null,
      price: price![of] ?? null,
      fee: fee![of] ?? null,
    };
  });
}

function padded([low, high]: readonly [number, number]): [number, number] {
  const margin = Math.max((high - low) * 0.07, 0.01);
  return [low === 0 ? 0 : low - margin, high === 0 ? margin : high + margin];
}
