import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, watchTroubles, whyNoBrowser } from "../support/chromium.js";
import { runCli } from "../support/cli.js";
import { checkExecuted, whatNbformatSays } from "../support/executed.js";
import { whyNoPython } from "../support/python.js";
import { folder as realRecords, whyNot as whyNoRecords } from "../support/real-data.js";
import { checkCharts, keepPicture } from "./charts.js";

const START_TIMEOUT_MS = 240_000;
const whyNoNbformat = whyNoPython("nbformat");

const worlds = [
  { name: "the generated world", flags: [], whyNot: whyNoBrowser },
  { name: "real records", flags: ["--data", realRecords], whyNot: whyNoBrowser ?? whyNoRecords },
];

for (const { name, flags, whyNot } of worlds) {
  const title = `what \`npm start\` makes of ${name}${whyNot === null ? "" : ` (skipped: ${whyNot})`}`;
  describe.skipIf(whyNot !== null)(title, () => checkRun(flags, name));
}

function checkRun(flags: readonly string[], name: string): void {
  let folder: string;
  let notebooks: readonly string[];
  let browser: Browser;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kalshi-lab-page-"));
    const { code, stderr } = await runCli(["start", "--out", folder, ...flags]);
    expect(code, stderr).toBe(0);
    const names = await readdir(join(folder, "notebooks"));
    notebooks = names.filter((name) => name.endsWith(".ipynb")).map((name) => join(folder, "notebooks", name));
    browser = await openBrowser();
    const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } });
    page = await context.newPage();
    troubles = watchTroubles(page);
    await page.goto(pathToFileURL(join(folder, "index.html")).href, { waitUntil: "load" });
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("is a page with at least six charts, each large and none blank", async () => {
    const charts = await checkCharts(page, "figure.chart img");
    expect(charts.length).toBeGreaterThanOrEqual(6);
    for (const { title } of charts) expect(title).toMatch(/\S/);
    await keepPicture(page, `page of ${name}`);
  });

  it("draws a chart live where one points at it, as large as its picture was", async () => {
    const figure = page.locator("figure.chart").first();
    const picture = await figure.locator("img").boundingBox();
    await figure.hover();
    await figure.locator(".picture > svg").waitFor();
    const drawn = await figure.locator(".picture").boundingBox();
    expect(await figure.locator("img").count()).toBe(0);
    for (const side of ["width", "height"] as const)
      expect(Math.abs(drawn![side] - picture![side]), side).toBeLessThan(2);
  });

  it("is dark for who reads in the dark, the charts too", async () => {
    const dark = await browser.newPage({ colorScheme: "dark", viewport: { width: 1280, height: 900 } });
    const complaints = watchTroubles(dark);
    await dark.goto(page.url());
    await dark.waitForSelector("html[data-drawn=dark]");
    const fills = (selector: string) =>
      dark.locator(selector).evaluateAll((texts) => texts.map((text) => text.getAttribute("fill")));
    const titles = await fills(".picture .role-title-text text");
    expect(titles.length).toBeGreaterThanOrEqual(await page.locator("figure.chart").count());
    expect(new Set(titles)).toEqual(new Set(["#E8ECF1"]));
    expect(await dark.locator("figure.chart img").count()).toBe(0);
    expect(complaints).toEqual([]);
    await keepPicture(dark, `dark page of ${name}`);
    await dark.close();
  });

  it("has tables with rows on it", async () => {
    const tables = await page.locator(".output.table table").all();
    expect(tables.length).toBeGreaterThanOrEqual(3);
    for (const table of tables) {
      expect(await table.isVisible()).toBe(true);
      expect(await table.locator("tbody tr").count()).toBeGreaterThan(0);
    }
  });

  it("has no errors or warnings among the outputs", async () => {
    expect(await page.locator("pre.error, pre.stderr").allTextContents()).toEqual([]);
  });

  it("links notebooks and files that are there, and sections that the page has", async () => {
    const links = await page.locator("a").evaluateAll((all) => all.map((link) => String(Reflect.get(link, "href"))));
    const targets = links.map((link) => new URL(link));
    expect(new Set(targets.map(({ protocol }) => protocol))).toEqual(new Set(["file:"]));
    const paths = targets.map((target) => fileURLToPath(target));
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    for (const { hash } of targets) if (hash !== "") expect(await page.locator(hash).count(), hash).toBe(1);
    const files = ["trades.parquet", "fills.csv"].map((name) => join(folder, "data", name));
    expect(paths).toEqual(expect.arrayContaining([...notebooks, ...files]));
  });

  it.each([1280, 420])("fits a window %i pixels wide", async (width) => {
    await page.setViewportSize({ width, height: 900 });
    const widths = await page.evaluate<number[]>(
      "[document.documentElement, document.body].map(({ scrollWidth }) => scrollWidth)",
    );
    expect(Math.max(...widths)).toBeLessThanOrEqual(width);
    await keepPicture(page, `page of ${name} at ${width}`);
  });

  it("is a page that fetches nothing and reports no errors", () => expect(troubles).toEqual([]));

  it("are notebooks executed to their end, with two charts each at least", async () => {
    expect(notebooks.length).toBeGreaterThanOrEqual(3);
    for (const file of notebooks) expect((await checkExecuted(file)).charts, file).toBeGreaterThanOrEqual(2);
  });

  it("are notebooks that Jupyter finds valid", ({ skip }) => {
    skip(whyNoNbformat !== null, whyNoNbformat ?? "");
    for (const file of notebooks) expect(whatNbformatSays(file), file).toBe("");
  });
}
