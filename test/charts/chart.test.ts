import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { chartOf, type display } from "../../src/charts/chart.js";
import { price } from "../../src/charts/price.js";
import { trades } from "./samples.js";

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

describe("a chart", () => {
  const folder = mkdtempSync(join(tmpdir(), "charts-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const chart = price(trades(40));

  it("shows itself in a notebook as spec, picture and a line of text", async () => {
    const bundle = await chart[Symbol.for("Jupyter.display") as typeof display]();
    expect(Object.keys(bundle)).toEqual(["application/vnd.vegalite.v5+json", "image/png", "text/plain"]);
    expect(bundle["application/vnd.vegalite.v5+json"]).toBe(chart.spec);
    expect(Buffer.from(bundle["image/png"], "base64").subarray(0, 8)).toEqual(PNG);
    expect(bundle["text/plain"]).toBe("[chart: KXGEN-26OCT01-T5]");
  });

  it("draws the dates of a spec of one's own", async () => {
    const values = [1, 2, 3].map((y) => ({ x: new Date(Date.UTC(2026, 9, y)), y }));
    const encoding = { x: { field: "x", type: "temporal" }, y: { field: "y", type: "quantitative" } };
    const svg = await chartOf("dates", 3, { data: { values }, mark: "point", encoding, config: {} } as never).svg();
    expect(svg.match(/aria-roledescription="point"/g)).toHaveLength(3);
    expect(values[0]?.x.getTime()).toBe(Date.UTC(2026, 9, 1));
  });

  it("of a spec of one's own looks as the others do, unless that says how it looks", () => {
    const own = { data: { values: [{ x: 1 }] }, mark: "point", encoding: { x: { field: "x", type: "quantitative" } } };
    expect(chartOf("own", 1, own).spec).toEqual({ ...own, config: chart.spec.config });
    expect(chartOf("own", 1, own).in("dark").spec.config).toEqual(chart.in("dark").spec.config);
    const plain = { ...own, config: {} };
    expect(chartOf("plain", 1, plain).spec).toBe(plain);
  });

  it("is a PNG of its size times the scale, its text drawn with the font that comes with the package", async () => {
    const [once, twice] = [await chart.png(1), await chart.png(2)];
    expect(once.subarray(0, 8)).toEqual(PNG);
    expect(Math.abs(twice.readUInt32BE(16) - 2 * once.readUInt32BE(16))).toBeLessThanOrEqual(2);
    expect(twice.length).toBeGreaterThan(15_000);
    const mute = JSON.parse(JSON.stringify(chart.spec).replaceAll("KXGEN-26OCT01-T5", " "));
    expect((await chartOf("mute", 1, mute).png(1)).length).toBeLessThan(once.length);
  });

  it("is saved by the ending of the path", async () => {
    const save = async (name: string) => {
      await chart.save(join(folder, name));
      return readFileSync(join(folder, name));
    };
    expect((await save("a.png")).subarray(0, 8)).toEqual(PNG);
    expect((await save("a.svg")).toString()).toMatch(/^<svg /);
    expect(JSON.parse((await save("a.json")).toString())).toEqual(chart.spec);
    const page = (await save("a.html")).toString();
    expect(page).toContain("<title>KXGEN-26OCT01-T5</title>");
    expect(page).toContain("<svg ");
    // The vega inside it has addresses in its code; the page itself has none.
    expect(page.replace(/<script>[\s\S]*?<\/script>/g, "")).not.toMatch(/src=|href=|url\(/);
    expect(page).not.toMatch(/<(script|link|img|iframe)[^>]*(src|href)=/);
  });

  it("refuses an ending it does not know, naming those it does", async () => {
    await expect(chart.save(join(folder, "a.gif"))).rejects.toMatchObject({
      code: "FILE_FORMAT",
      hint: expect.stringContaining(".svg, .png, .html or .json"),
    });
  });

  it("says what is wrong with a spec that someone broke", async () => {
    const broken = chartOf("broken", 0, { ...chart.spec, layer: [{ mark: "no such mark", encoding: {} }] });
    await expect(broken.svg()).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
