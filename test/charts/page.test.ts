import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candlesticks } from "../../src/charts/candlesticks.js";
import { chartPage } from "../../src/charts/html.js";
import { price } from "../../src/charts/price.js";
import { writeFileAtomic } from "../../src/store/atomic-file.js";
import { openBrowser, watchTroubles, whyNoBrowser } from "../support/chromium.js";
import { candles, trades } from "./samples.js";

describe.skipIf(whyNoBrowser !== null)(`a page of charts${whyNoBrowser === null ? "" : ` (${whyNoBrowser})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "chart-page-"));
  const made = trades(40, undefined, 1_000_001);
  let browser: Browser;
  let page: Page;
  let troubles: string[];
  const asked: string[] = [];

  beforeAll(async () => {
    const figures = [
      { spec: price(made).spec, caption: "trades" },
      { spec: candlesticks(candles(30), { scheme: "dark" }).spec },
    ];
    await writeFileAtomic(join(folder, "page.html"), await chartPage({ title: "Charts & <more>", figures }));
    browser = await openBrowser();
    page = await browser.newPage({ colorScheme: "dark", viewport: { width: 1000, height: 1400 } });
    troubles = watchTroubles(page);
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(join(folder, "page.html")).href);
    await page.waitForSelector("html[data-drawn=dark]");
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The colours of the titles, which tell the scheme. */
  const titles = () =>
    page
      .locator(".picture .role-title-text text")
      .evaluateAll((texts) => texts.map((text) => text.getAttribute("fill")));

  it("draws all of them in the scheme of its reader, whatever theirs, and needs no network", async () => {
    expect(await titles()).toEqual(["#E8ECF1", "#E8ECF1"]);
    expect(await page.title()).toBe("Charts & <more>");
    expect(asked.map((url) => new URL(url).protocol)).toEqual(["file:"]);
    expect(troubles).toEqual([]);
  });

  it("is drawn anew in the other scheme at a click", async () => {
    await page.getByRole("button", { name: "light" }).click();
    await page.waitForSelector("html[data-drawn=light]");
    expect(await titles()).toEqual(["#1F2933", "#1F2933"]);
    expect(troubles).toEqual([]);
  });

  it("tells the exact values of what one points at", async () => {
    const dots = page.locator("figure >> nth=0").locator(".mark-symbol.role-mark path");
    expect(await dots.count()).toBe(40);
    await dots.nth(25).hover();
    await page.waitForSelector("#tip:not([hidden])");
    const rows = await page.locator("#tip tr").allInnerTexts();
    expect(rows.map((row) => row.split("\t"))).toEqual([
      ["time", "2026-10-01 14:00:25.000025 UTC"],
      ["market", "KXGEN-26OCT01-T5"],
      ["YES price", `$${made.get("yes_price", 25)}`],
      ["contracts", "1.25"],
    ]);
  });

  it("shows the pictures that it was saved with where nothing draws it", async () => {
    const plain = await browser.newPage({ javaScriptEnabled: false });
    await plain.goto(pathToFileURL(join(folder, "page.html")).href);
    expect(await plain.locator(".picture svg").count()).toBe(2);
    await plain.close();
  });
});
