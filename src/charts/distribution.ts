import type { ColumnTable } from "arquero";
import { plural } from "./axes.js";
import { type Chart, chartOf } from "./chart.js";
import { hasColumns, needColumns, needRows, numbers } from "./columns.js";
import type { ChartOptions } from "./options.js";
import type { Datum, Json, Spec } from "./spec.js";
import { type Label, levelled } from "./stacked-labels.js";
import { colours, figure } from "./theme.js";

/** What prices say of a value: the result of `impliedDistribution`, or a table of your own. */
export interface Distribution {
  /**
   * A row for every range. Columns: `value_from`, `value_to` in the strikes' own unit, null where it is open; `probability`, 0 to 1; where an
   * open end is taken to lie in `assumed_from` and `assumed_to`, where there are such.
   */
  readonly table: ColumnTable;
  readonly event_ticker?: string;
  readonly mean?: number | null;
  /** The value below which it lies with a probability of 0 to 1. */
  readonly quantile?: (share: number) => number | null;
  /** What was done to the prices to make it of them, as `impliedDistribution` tells it; said under the title. */
  readonly sum?: number | null;
  readonly repaired?: number;
  readonly unpriced?: number;
  readonly exhaustive?: boolean;
}

export interface DistributionOptions extends ChartOptions {
  /** What the strikes measure, with its unit, for the axis: `temperature (°F)`. */
  readonly quantity?: string;
  /** Which quantiles have a line; 5, 25, 50, 75 and 95 percent unless told otherwise. */
  readonly quantiles?: readonly number[];
}

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** A rim in the colour of the ground, so that a line behind a text does not cross it out. */
const RIM: Spec = { stroke: colours.ground, strokeWidth: 4 };

/** Pixels that a letter of a line's label takes in the widest of the fonts, and those around the label. */
const LETTER_WIDTH = 7;
const LABEL_SPACE = 8;

/** Pixels from the middle of a bar's own number to a line that it does not touch. */
const SHARE_REACH = 22;

const LABEL_HEIGHT = 13;

/**
 * The distribution that an event's prices imply over its strikes: a bar for every range with its probability, and lines at the mean and the
 * quantiles. An open range is as wide as it is assumed to be, else as its neighbours.
 *
 * @throws KalshiError `CHART_EMPTY`, `COLUMN_MISSING`, `COLUMN_KIND`
 */
export function distribution(implied: Distribution, options: DistributionOptions = {}): Chart {
  const { width = 640, height = 300, quantity = "value" } = options;
  const { table } = implied;
  const ranges = readRanges(table);
  const domain: [number, number] = [ranges[0]!.left as number, ranges.at(-1)!.right as number];
  const marks = linesOf(implied, options.quantiles ?? QUANTILES, domain, width);
  const data = ranges.map(
    (range): Datum => ({ ...range, share_at: shareAt(range, marks, (domain[1] - domain[0]) / width) }),
  );
  const most = Math.max(...data.map(({ probability }) => probability as number));
  const rows = Math.max(0, ...marks.map(({ level }) => level + 1));
  // Room above the bars for their own numbers, and above these for the labels of the lines.
  const top = most / (1 - (18 + rows * LABEL_HEIGHT) / height);
  const scale: Json = { domain, nice: false, zero: false };
  const x: Spec = { field: "left", type: "quantitative", title: quantity, scale, axis: { tickCount: 8, format: "~f" } };
  const y = (field: string): Spec => ({
    field,
    type: "quantitative",
    title: "implied probability",
    scale: { domain: [0, top], nice: false },
    axis: { format: ".0%", tickCount: 5 },
  });
  const bars: Json = {
    mark: { type: "bar", color: colours.main },
    encoding: {
      x,
      x2: { field: "right" },
      y: y("probability"),
      y2: { datum: 0 },
      opacity: { condition: { test: "datum.open", value: 0.45 }, value: 0.8 },
      tooltip: [
        { field: "label", type: "nominal", title: "range" },
        { field: "probability", type: "quantitative", title: "probability", format: ".6~f" },
      ],
    },
  };
  const shares = (mark: Spec): Json => ({
    mark: { type: "text", dy: -8, fontSize: 11, ...mark },
    encoding: {
      x: { ...x, field: "share_at" },
      y: y("probability"),
      text: { field: "probability", type: "quantitative", format: ".1%" },
    },
  });
  const title = options.title ?? implied.event_ticker ?? "Implied distribution";
  const notes = [
    "probability of each range, from the prices of its market",
    plural(data.length, "range"),
    ...madeOf(implied),
    data.some(({ open }) => open) ? "pale where a range is open: its width is assumed" : null,
  ];
  const body: Spec = {
    width,
    height,
    data: { values: data },
    layer: [
      bars,
      ...(marks.length > 0 ? lineLayers(marks, x, y, top, top / height) : []),
      ...(marks.length > 0 ? [shares(RIM)] : []),
      shares({ color: colours.text }),
    ],
  };
  return chartOf(title, table.numRows(), figure({ title, notes }, width, body, options));
}

/** What keeps a bar from being the price of its market. */
function madeOf({ sum = null, repaired = 0, unpriced = 0, exhaustive = true }: Distribution): (string | null)[] {
  const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;
  return [
    sum !== null && repaired > 0 ? `prices add up to ${percent(sum)}, and are divided by that` : null,
    sum === null && repaired > 0
      ? `prices that fell where they should rise are levelled, by ${percent(repaired)} at most`
      : null,
    unpriced > 0
      ? `${plural(unpriced, "market")} without a price, ${sum === null ? "left out" : "taken for impossible"}`
      : null,
    exhaustive ? null : "values that no market covers are taken for impossible",
  ];
}

function readRanges(table: ColumnTable): Datum[] {
  const chart = "distribution";
  needColumns(chart, table, ["value_from", "value_to", "probability"]);
  const read = (name: string) => (hasColumns(table, [name]) ? numbers(chart, table, name) : []);
  const [from, to, probability] = [read("value_from"), read("value_to"), read("probability")];
  const [assumedFrom, assumedTo] = [read("assumed_from"), read("assumed_to")];
  const rows = probability.flatMap((share, row) =>
    share === null || (from[row] === null && to[row] === null) ? [] : [row],
  );
  needRows(chart, rows.length, "ranges", "the event's markets have no strikes or no prices; ask another event");
  rows.sort((a, b) => (from[a] ?? Number.NEGATIVE_INFINITY) - (from[b] ?? Number.NEGATIVE_INFINITY));
  const widths = rows.flatMap((row) => (from[row] === null || to[row] === null ? [] : [to[row]! - from[row]!]));
  const usual = widths.sort((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 1;
  return rows.map((row): Datum => {
    const [low, high] = [from[row]!, to[row]!];
    const left = low ?? assumedFrom[row] ?? high - usual;
    const right = high ?? assumedTo[row] ?? low + usual;
    const label = low === null ? `below ${high}` : high === null ? `${low} and above` : `${low} to ${high}`;
    const open = low === null || high === null;
    return { label, left, right, probability: probability[row]!, open };
  });
}

/** Where a bar's own number stands: as near to its middle as no line crosses it out, in the middle where there is no such place. */
function shareAt({ left, right }: Datum, marks: readonly Label[], pixel: number): number {
  const [low, high] = [left as number, right as number];
  const [middle, reach] = [(low + high) / 2, SHARE_REACH * pixel];
  const steps = Math.max(0, Math.floor(((high - low) / 2 - reach) / (2 * pixel)));
  const places = Array.from({ length: 2 * steps + 1 }, (_, at) => middle + (at % 2 === 0 ? at : -at - 1) * pixel);
  return places.find((place) => marks.every(({ at }) => Math.abs(at - place) >= reach)) ?? middle;
}

/** Lines with their labels, left to right. Those beyond the plot stand at its edge, and say so. */
function linesOf(
  { mean = null, quantile }: Distribution,
  shares: readonly number[],
  [low, high]: [number, number],
  width: number,
): Label[] {
  const named = shares.map((share) => {
    const percent = Math.round(share * 1000) / 10;
    return { name: percent === 50 ? "median" : `${percent}%`, value: quantile?.(share) ?? null, dashed: true };
  });
  const all = [{ name: "mean", value: mean, dashed: false }, ...named].flatMap(({ value, ...one }) =>
    value === null ? [] : [{ ...one, value }],
  );
  // All of them with the decimals that one needs.
  const decimals = all.every(({ value }) => Number.isInteger(Math.round(value * 100) / 100)) ? 0 : 2;
  return levelled(
    all.map(({ name: what, value, dashed }) => {
      const at = Math.min(high, Math.max(low, value));
      const name = `${what} ${value.toFixed(decimals)}`;
      const pixel = ((at - low) / (high - low)) * width;
      return { name, value, dashed, at, pixel, width: LETTER_WIDTH * name.length + LABEL_SPACE };
    }),
  );
}

function lineLayers(marks: readonly Label[], x: Spec, y: (field: string) => Spec, top: number, pixel: number): Json[] {
  const values = marks.map(({ name, value, at, level, dashed }): Datum => {
    const height = top - level * LABEL_HEIGHT * pixel;
    return {
      name,
      value,
      at,
      dashed,
      height,
      label_height: height - 2 * pixel,
    };
  });
  const of = (field: string): Spec => ({ ...x, field });
  const tooltip: Json = [
    { field: "name", type: "nominal", title: "what" },
    { field: "value", type: "quantitative", title: "value", format: ".6~f" },
  ];
  const names = (mark: Spec): Json => ({
    data: { values },
    mark: { type: "text", align: "left", baseline: "top", dx: 4, fontSize: 11, ...mark },
    encoding: { x: of("at"), y: y("label_height"), text: { field: "name", type: "nominal" }, tooltip },
  });
  return [
    {
      data: { values },
      mark: { type: "rule", color: colours.text, strokeWidth: 1.3 },
      encoding: {
        x: of("at"),
        y: y("height"),
        y2: { datum: 0 },
        strokeDash: { condition: { test: "datum.dashed", value: [4, 3] }, value: [1, 0] },
        tooltip,
      },
    },
    names(RIM),
    names({ color: colours.text }),
  ];
}
