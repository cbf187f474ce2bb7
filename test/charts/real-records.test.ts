import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type ColumnTable, table } from "arquero";
import { beforeAll, describe, expect, it } from "vitest";
import { event, price } from "../../src/charts/price.js";
import { folder, whyNot } from "../support/real-data.js";
import { drawn, invalidities, rowsOf, versions } from "./drawing.js";

interface Line {
  readonly ticker: string;
  readonly created_time: string;
  readonly yes_price_dollars: string;
  readonly count_fp: string;
}

const SHORT = "HIGHNY-24SEP27-B74.5";
const LONG = "KXHIGHNY-25MAR21-B49.5";

describe.skipIf(whyNot !== null)(`charts of real trades${whyNot === null ? "" : ` (skipped: ${whyNot})`}`, () => {
  let lines: readonly Line[];
  const of = (prefix: string): readonly Line[] => lines.filter(({ ticker }) => ticker.startsWith(prefix)).reverse();

  beforeAll(() => {
    const text = gunzipSync(readFileSync(join(folder, "trades.ndjson.gz"))).toString();
    lines = text
      .trimEnd()
      .split("\n")
      .flatMap((line) => (line.includes("24SEP27") || line.includes("25MAR21") ? [JSON.parse(line)] : []));
  });

  function tableOf(some: readonly Line[]): ColumnTable {
    return table({
      ticker: some.map(({ ticker }) => ticker),
      created_time: some.map(({ created_time }) => Date.parse(created_time)),
      yes_price: some.map((one) => Number(one.yes_price_dollars)),
      count: some.map(({ count_fp }) => Number(count_fp)),
    });
  }

  it("have a mark for every trade of a market, with its price", async () => {
    const some = of(SHORT);
    const dots = (await drawn(price(tableOf(some)).spec, "symbol")) as unknown as {
      datum: { price: number; count: number };
    }[];
    expect(dots).toHaveLength(116);
    const written = (list: readonly [number, number][]) =>
      list.map(([a, b]) => `${a.toFixed(4)} ${b.toFixed(2)}`).sort();
    expect(written(dots.map(({ datum }) => [datum.price, datum.count]))).toEqual(
      written(some.map((one) => [Number(one.yes_price_dollars), Number(one.count_fp)])),
    );
  });

  it("keep lowest and highest price of a market with more trades than a picture holds", async () => {
    const some = of(LONG);
    expect(some).toHaveLength(2_323);
    const { spec } = price(tableOf(some), { width: 200 });
    const prices = some.map((one) => Number(one.yes_price_dollars));
    const shown = rowsOf(spec).map((row) => row.price as number);
    expect(shown.length).toBeLessThan(900);
    expect([Math.min(...shown), Math.max(...shown)]).toEqual([Math.min(...prices), Math.max(...prices)]);
    expect(JSON.stringify(spec.title)).toMatch(/2,323 trades.*drawn as .* points, extremes kept/);
    for (const version of versions) expect(invalidities(spec, version)).toEqual([]);
  });

  it("draw all markets of an event, each ending at its last price", () => {
    const some = of(LONG.slice(0, -6));
    const { spec } = event(tableOf(some));
    const last = new Map(
      some.map(({ ticker, yes_price_dollars }) => [ticker.split("-").at(-1)!, Number(yes_price_dollars)]),
    );
    const drawnLast = new Map(rowsOf(spec).map(({ market, price: at }) => [market as string, at as number]));
    expect(last.size).toBe(6);
    expect([...drawnLast].sort()).toEqual([...last].sort());
  });
});
