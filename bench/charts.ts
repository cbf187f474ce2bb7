import { type ColumnTable, table } from "arquero";
import { price } from "../src/charts/price.js";
import { renderSvg } from "../src/charts/render.js";
import type { Spec } from "../src/charts/spec.js";
import { spread } from "../src/charts/spread.js";
import type { BenchResult } from "./result.js";

const POINTS = 100_000;
const ROUNDS = 10;
const WARM = 2;

interface Way {
  readonly name: string;
  readonly svg: () => Promise<string>;
}

/**
 * A table of a hundred thousand rows to a picture (SVG), beside the same lines as plain vega-lite draws them, every row a point: CPU time
 * (medians) and size. Both take turns, and the first rounds warm them up. Goal: each of both at most 0.1.
 */
export async function charts(): Promise<readonly BenchResult[]> {
  const rows = walk();
  const lines: readonly (readonly [string, Way, Way])[] = [
    [
      "price",
      { name: "chart_price", svg: () => price(rows).svg() },
      { name: "plain", svg: () => renderSvg(plain(rows, "created_time", ["yes_price"])) },
    ],
    [
      "spread",
      { name: "chart_spread", svg: () => spread(rows).svg() },
      { name: "plain", svg: () => renderSvg(plain(rows, "time", ["yes_bid", "yes_ask"])) },
    ],
  ];
  const results: BenchResult[] = [];
  for (const [name, ours, theirs] of lines) {
    const { spent, bytes } = await measure([ours, theirs]);
    const ms = (way: Way) => median(spent.get(way.name)!) / 1000;
    const details = {
      goal: "0.1",
      points: POINTS,
      ours_ms: round(ms(ours), 1),
      plain_ms: round(ms(theirs), 1),
      ours_bytes: bytes.get(ours.name)!,
      plain_bytes: bytes.get(theirs.name)!,
    };
    results.push(
      {
        name: `chart.${name} of 100k points, time`,
        ratio: round(ms(ours) / ms(theirs)),
        unit: "× plain vega-lite",
        details,
      },
      {
        name: `chart.${name} of 100k points, size`,
        ratio: round(bytes.get(ours.name)! / bytes.get(theirs.name)!),
        unit: "× plain vega-lite",
        details: { goal: "0.1" },
      },
    );
  }
  return results;
}

async function measure(ways: readonly Way[]) {
  const [spent, bytes] = [new Map<string, number[]>(), new Map<string, number>()];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < ways.length; turn += 1) {
      const { name, svg } = ways[(round + turn) % ways.length]!;
      const before = process.cpuUsage();
      const picture = await svg();
      const { user, system } = process.cpuUsage(before);
      bytes.set(name, Buffer.byteLength(picture));
      if (round >= WARM) spent.set(name, [...(spent.get(name) ?? []), user + system]);
    }
  }
  return { spent, bytes };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** What one would write without this library. */
function plain(rows: ColumnTable, time: string, fields: readonly string[]): Spec {
  const values = rows.select(time, ...fields).objects() as unknown as readonly Spec[];
  const layer = fields.map((field) => ({
    mark: "line",
    encoding: { x: { field: time, type: "temporal" }, y: { field, type: "quantitative" } },
  }));
  return { width: 720, height: 320, data: { values }, layer };
}

/** Prices walking by cents, a trade and a quote of them every few hundred milliseconds. */
function walk(): ColumnTable {
  let state = 7;
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  const [time, cents, wide]: [number[], number[], number[]] = [[], [], []];
  let [now, last] = [Date.UTC(2026, 9, 1), 50];
  for (let at = 0; at < POINTS; at += 1) {
    now += 100 + Math.round(next() * 400);
    last = Math.min(97, Math.max(2, last + Math.round((next() - 0.5) * 4)));
    time.push(now);
    cents.push(last);
    wide.push(1 + Math.round(next()));
  }
  return table({
    time,
    created_time: time,
    yes_price: cents.map((price) => price / 100),
    yes_bid: cents.map((price) => price / 100),
    yes_ask: cents.map((price, at) => (price + wide[at]!) / 100),
  });
}

function round(value: number, digits = 3): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
