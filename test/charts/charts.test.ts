import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { chart as charts } from "../../src/charts/all.js";
import { candlesticks } from "../../src/charts/candlesticks.js";
import { price } from "../../src/charts/price.js";
import { compile } from "../../src/charts/render.js";
import { twins } from "../../src/charts/scheme.js";
import type { Spec } from "../../src/charts/spec.js";
import { compiledBy5, everywhere, invalidities, itemsOf, versions } from "./drawing.js";
import { every } from "./every-chart.js";
import { candles, trades } from "./samples.js";

describe.each(every)("chart: %s", (_name, make) => {
  const chart = make();

  it("is valid for vega-lite 5, which it names, and for 6, in both schemes", async () => {
    expect(chart.spec.$schema).toBe("https://vega.github.io/schema/vega-lite/v5.json");
    for (const { spec } of [chart, chart.in("dark")]) {
      for (const version of versions) expect(invalidities(spec, version), version).toEqual([]);
      expect((await compile(spec)).warnings).toEqual([]);
      expect(compiledBy5(spec).warnings).toEqual([]);
    }
  });

  it("draws the same marks by vega-lite 5 as by 6", async () => {
    const counts = async (compiled: Parameters<typeof itemsOf>[0]) =>
      [...(await itemsOf(compiled))].map(([kind, items]) => [kind, items.length]);
    const by6 = await counts((await compile(chart.spec)).vega);
    expect(by6.length).toBeGreaterThan(0);
    expect(await counts(compiledBy5(chart.spec).vega)).toEqual(by6);
  });

  it("has no colour of the light scheme on a dark ground, and is itself again when turned back", () => {
    const dark = JSON.stringify(chart.in("dark").spec).toUpperCase();
    for (const [light, twin] of Object.entries(twins)) {
      if (twins[light] !== undefined && !Object.values(twins).includes(light))
        expect(dark, twin).not.toContain(`"${light}"`);
    }
    expect(chart.in("dark").in("light").spec).toEqual(chart.in("light").spec);
    expect(chart.in("light").in("dark").spec).toEqual(chart.in("dark").spec);
  });

  it("is plain JSON, complete in itself", () => {
    expect(JSON.parse(JSON.stringify(chart.spec))).toEqual(chart.spec);
    expect(everywhere(chart.spec, "url")).toEqual([]);
  });

  it("is drawn with its title, and with a unit on every axis that has numbers", async () => {
    const svg = await chart.svg();
    expect(svg).toContain(`>${chart.title}<`);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg).toMatch(/\(\$\)|probability/);
  });

  it("holds no more inline rows than a front end opens at once", () => {
    const rows = everywhere(chart.spec, "values").flat().length;
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(12_000);
  });

  it("puts time on a UTC scale wherever there is time", () => {
    const temporal = everywhere(chart.spec, "x").filter((x) => (x as Spec).type === "temporal") as Spec[];
    for (const x of temporal) expect(x.scale).toMatchObject({ type: "utc" });
  });
});

describe("charts", () => {
  const zone = process.env.TZ;
  afterEach(() => {
    process.env.TZ = zone;
    if (zone === undefined) delete process.env.TZ;
  });

  it("label time in UTC wherever they are drawn", async () => {
    process.env.TZ = "America/New_York";
    expect(new Date(Date.UTC(2026, 9, 1, 14)).getHours()).toBe(10);
    const svg = await price(trades(61)).svg();
    expect(svg).toContain(">14:10<");
    expect(svg).not.toContain(">10:10<");
    expect(svg).toContain(">1 Oct 2026<");
    expect(svg).toContain("2026-10-01 14:00 to 15:00 UTC");
  });

  it("do not change with the reader's zone at all", async () => {
    process.env.TZ = "Asia/Tokyo";
    const there = [await price(trades(61)).svg(), await candlesticks(candles(60)).svg()];
    process.env.TZ = "UTC";
    expect([await price(trades(61)).svg(), await candlesticks(candles(60)).svg()]).toEqual(there);
  });

  it("are all there by name", () => {
    const names = [
      "price",
      "event",
      "candlesticks",
      "spread",
      "depth",
      "depthOverTime",
      "ladder",
      "pnl",
      "pnlByMarket",
    ];
    names.push("calibration", "distribution");
    expect(Object.keys(charts)).toEqual(names);
  });

  it("load vega only when a picture is asked for", () => {
    const folder = new URL("../../src/charts/", import.meta.url);
    for (const file of readdirSync(folder)) {
      const source = readFileSync(new URL(file, folder), "utf8");
      expect(source, file).not.toMatch(/^(import|export)[^;]*from "(vega|vega-lite|@resvg\/resvg-js)/m);
    }
  });
});
