import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packagePath } from "../../src/store/package.js";
import { openBrowser, watchTroubles, whyNoBrowser } from "../support/chromium.js";
import { runCli } from "../support/cli.js";
import { checkExecuted } from "../support/executed.js";
import { JupyterLab } from "../support/jupyterlab.js";
import { whyNoPython } from "../support/python.js";
import { checkCharts, keepPicture } from "./charts.js";

const whyNot = whyNoBrowser ?? whyNoPython("jupyterlab");
const RUN_TIMEOUT_MS = 180_000;
const NOTEBOOK = "02-prices-across-the-cutoff.ipynb";

describe.skipIf(whyNot !== null)(`a notebook in JupyterLab (${whyNot ?? "in Chromium"})`, () => {
  let folder: string;
  let notebook: string;
  let lab: JupyterLab;
  let browser: Browser;
  let page: Page;
  let troubles: string[];

  beforeAll(async () => {
    // Inside the project, as a reader's own notebooks are.
    await mkdir(packagePath("out"), { recursive: true });
    folder = await mkdtemp(packagePath("out/jupyterlab-"));
    const prefix = join(folder, "prefix");
    const installed = await runCli(["kernel", "install", "--prefix", prefix]);
    expect(installed.code, installed.stderr).toBe(0);
    const notebooks = join(folder, "notebooks");
    notebook = join(notebooks, NOTEBOOK);
    await mkdir(notebooks);
    await copyFile(packagePath(join("notebooks", NOTEBOOK)), notebook);
    lab = await JupyterLab.start({ notebooks, kernels: join(prefix, "share", "jupyter"), home: join(folder, "home") });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(60_000);
    troubles = watchTroubles(page);
    await page.goto(lab.url(`lab/tree/${NOTEBOOK}`), { waitUntil: "domcontentloaded" });
    // Before the kernel has said that it is idle, JupyterLab would ask which kernel is meant.
    await page.getByText("TypeScript (Kalshi Lab) | Idle", { exact: true }).waitFor();
    await page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    const last = page.locator(".jp-CodeCell .jp-InputArea-prompt").last();
    await last
      .filter({ hasText: /\[\d+\]/ })
      .waitFor({ timeout: 90_000 })
      .catch(async (error: unknown) => {
        await keepPicture(page, "jupyterlab-stuck");
        const prompts = await page.locator(".jp-CodeCell .jp-InputArea-prompt").allTextContents();
        throw new Error(`stuck at ${prompts.join(" ")}\n${lab.log}`, { cause: error });
      });
  }, RUN_TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("is run by the kernel that was installed", async () => {
    expect(await page.locator(".jp-KernelName").textContent()).toContain("TypeScript (Kalshi Lab)");
  });

  it("has run all its cells in order, without an error", async () => {
    const prompts = await page.locator(".jp-CodeCell .jp-InputArea-prompt").allTextContents();
    expect(prompts).toEqual(prompts.map((_, at) => `[${at + 1}]:`));
    const errors = page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']");
    expect(await errors.allTextContents()).toEqual([]);
  });

  it("shows charts that JupyterLab drew itself, none empty", async () => {
    const drawn = ".jp-RenderedVegaCommon5 canvas";
    await page.locator(drawn).nth(2).waitFor();
    expect((await checkCharts(page, drawn)).length).toBeGreaterThanOrEqual(3);
  });

  it("shows tables as HTML", async () => {
    const tables = await page.locator(".jp-RenderedHTMLCommon table").all();
    expect(tables.length).toBeGreaterThanOrEqual(3);
    for (const table of tables) expect(await table.locator("tbody tr").count()).toBeGreaterThan(0);
  });

  it("is saved with its charts, as pictures too", async () => {
    const saved = page.waitForResponse(
      (answer) => answer.request().method() === "PUT" && answer.url().includes(NOTEBOOK),
    );
    await page.keyboard.press("Control+s");
    expect((await saved).ok()).toBe(true);
    const { charts, tables } = await checkExecuted(notebook);
    expect(charts).toBeGreaterThanOrEqual(3);
    expect(tables).toBeGreaterThanOrEqual(3);
  });

  /** An item of the menu of the kernel; behind its name stand its keys. */
  const ofKernel = async (item: RegExp) => {
    await page.getByRole("menuitem", { name: "Kernel", exact: true }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };

  /** A new cell at the end, being edited. */
  const newCell = async () => {
    await page.locator(".jp-CodeCell .jp-InputArea-prompt").last().click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("b");
    await page.keyboard.press("Enter");
  };

  const lastOutput = () => page.locator(".jp-CodeCell").last().locator(".jp-OutputArea-output");

  it("completes what is typed into a cell, with kinds, and runs it", async () => {
    await newCell();
    await page.keyboard.type("Math.si");
    await page.keyboard.press("Tab");
    const completer = page.locator(".jp-Completer");
    await completer.getByText("sinh", { exact: true }).waitFor();
    expect(await completer.locator(".jp-Completer-match").allTextContents()).toEqual(["sign", "sin", "sinh"]);
    expect(await completer.locator("[data-icon-id], .jp-Completer-icon, .jp-Completer-monogram").count()).toBe(3);
    await keepPicture(page, "jupyterlab-completion");
    await completer.getByText("sinh", { exact: true }).click();
    await page.keyboard.type("(0) + 5");
    await page.keyboard.press("Control+Enter");
    await lastOutput().filter({ hasText: /^5$/ }).waitFor();
  });

  it("interrupts a loop by its menu and goes on", async () => {
    await newCell();
    await page.keyboard.type('console.log("spinning"); for (;;);');
    await page.keyboard.press("Control+Enter");
    await lastOutput().filter({ hasText: "spinning" }).waitFor();
    await ofKernel(/^Interrupt Kernel/);
    await lastOutput().filter({ hasText: "Interrupted: the cell was interrupted" }).waitFor();
    await newCell();
    await page.keyboard.type("trades.numRows() > 0");
    await page.keyboard.press("Control+Enter");
    await lastOutput()
      .filter({ hasText: /^true$/ })
      .waitFor();
  });

  it("restarts: what was is forgotten, and counting begins anew", async () => {
    await ofKernel(/^Restart Kernel…/);
    await page.locator(".jp-Dialog .jp-mod-accept").click();
    await page.getByText("TypeScript (Kalshi Lab) | Idle", { exact: true }).waitFor();
    await newCell();
    await page.keyboard.type("const trades = 'anew'; trades");
    await page.keyboard.press("Control+Enter");
    await lastOutput()
      .filter({ hasText: /^'anew'$/ })
      .waitFor();
    expect(await page.locator(".jp-CodeCell .jp-InputArea-prompt").last().textContent()).toBe("[1]:");
  });

  it("leaves no errors on the browser's console", async () => {
    // Tall enough for all cells: the page itself does not scroll, the notebook in it does.
    await page.setViewportSize({ width: 1280, height: 4000 });
    await page.locator(".jp-Cell").first().scrollIntoViewIfNeeded();
    await keepPicture(page, "jupyterlab");
    expect(troubles).toEqual([]);
  });
});
