import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";

interface Chart {
  /** What stands in for it where pictures are not shown; empty for a canvas. */
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly shownWidth: number;
  /** Shares of the picture that are not light, and not grey. */
  readonly inked: number;
  readonly coloured: number;
  readonly colours: number;
}

/** Holds the pictures or canvases that the selector finds to being charts that a reader sees: large, and none blank. */
export async function checkCharts(page: Page, selector: string): Promise<readonly Chart[]> {
  await page.addScriptTag({ path: join(import.meta.dirname, "in-page.js") });
  const charts = await page.evaluate<Chart[]>(`lookAtCharts(${JSON.stringify(selector)})`);
  for (const chart of charts) {
    const about = JSON.stringify(chart);
    expect(Math.min(chart.width, chart.height, chart.shownWidth), about).toBeGreaterThan(200);
    // Axes and titles are grey and ink a hundredth; what is drawn of the data has a colour.
    expect(chart.inked, about).toBeGreaterThan(0.01);
    expect(chart.coloured, about).toBeGreaterThan(0.001);
    expect(chart.colours, about).toBeGreaterThan(1);
  }
  return charts;
}

/** Keeps a picture of the whole page for human eyes, in the folder that KALSHI_LAB_SCREENSHOTS names. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const { KALSHI_LAB_SCREENSHOTS: folder } = process.env;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
