import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packagePath } from "../../src/store/package.js";
import { openBrowser, watchTroubles, whyNoBrowser } from "../support/chromium.js";
import { runCli } from "../support/cli.js";
import { JupyterLab } from "../support/jupyterlab.js";
import { whyNoPython } from "../support/python.js";
import { checkCharts, keepPicture } from "./charts.js";

const whyNot = whyNoBrowser ?? whyNoPython("notebook");
const RUN_TIMEOUT_MS = 180_000;
const NOTEBOOK = "01-first-look.ipynb";
/** Notebook 7.6 throws it while it loads its settings, with any notebook. */
const ofItsSettings = "exception: Cannot read properties of undefined (reading 'schema')";

describe.skipIf(whyNot !== null)(`a notebook in Notebook 7 (${whyNot ?? "in Chromium"})`, () => {
  let folder: string;
  let jupyter: JupyterLab;
  let browser: Browser;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    await mkdir(packagePath("out"), { recursive: true });
    folder = await mkdtemp(packagePath("out/notebook7-"));
    const prefix = join(folder, "prefix");
    const installed = await runCli(["kernel", "install", "--prefix", prefix]);
    expect(installed.code, installed.stderr).toBe(0);
    const notebooks = join(folder, "notebooks");
    await mkdir(notebooks);
    await copyFile(packagePath(join("notebooks", NOTEBOOK)), join(notebooks, NOTEBOOK));
    const kernels = join(prefix, "share", "jupyter");
    jupyter = await JupyterLab.start({ notebooks, kernels, home: join(folder, "home"), program: "notebook" });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(60_000);
    troubles = watchTroubles(page);
    const connected = page.waitForEvent("websocket", (socket) => socket.url().includes("/channels"));
    await page.goto(jupyter.url(`notebooks/${NOTEBOOK}`), { waitUntil: "domcontentloaded" });
    // Before the kernel is there and has said that it is idle, Notebook 7 would ask which kernel is meant.
    await page.locator(".jp-KernelName", { hasText: "TypeScript (Kalshi Lab)" }).first().waitFor();
    await connected;
    await page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").waitFor({ state: "attached" });
    await page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    await page
      .locator(".jp-CodeCell .jp-InputArea-prompt")
      .last()
      .filter({ hasText: /\[\d+\]/ })
      .waitFor({ timeout: 90_000 })
      .catch(async (error: unknown) => {
        await keepPicture(page, "notebook7-stuck");
        throw new Error(jupyter.log, { cause: error });
      });
  }, RUN_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await jupyter?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("has run all its cells in order by the kernel, without an error", async () => {
    expect(await page.locator(".jp-KernelName").first().textContent()).toContain("TypeScript (Kalshi Lab)");
    const prompts = await page.locator(".jp-CodeCell .jp-InputArea-prompt").allTextContents();
    expect(prompts.length).toBeGreaterThanOrEqual(3);
    expect(prompts).toEqual(prompts.map((_, at) => `[${at + 1}]:`));
    const errors = page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']");
    expect(await errors.allTextContents()).toEqual([]);
  });

  it("shows charts that it drew itself, none empty, and tables as HTML", async () => {
    const drawn = ".jp-RenderedVegaCommon5 canvas";
    await page.locator(drawn).first().waitFor();
    expect((await checkCharts(page, drawn)).length).toBeGreaterThanOrEqual(1);
    const tables = await page.locator(".jp-RenderedHTMLCommon table").all();
    expect(tables.length).toBeGreaterThanOrEqual(1);
    for (const table of tables) expect(await table.locator("tbody tr").count()).toBeGreaterThan(0);
  });

  it("leaves no errors on the browser's console but one of Notebook's own", async () => {
    await page.setViewportSize({ width: 1280, height: 4000 });
    await page.locator(".jp-Cell").first().scrollIntoViewIfNeeded();
    await keepPicture(page, "notebook7");
    expect(troubles.filter((trouble) => trouble !== ofItsSettings)).toEqual([]);
  });
});
