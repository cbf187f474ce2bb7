import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFailure, runCli } from "../support/cli.js";
import { NotebookFolder } from "../support/notebooks.js";

let folder: NotebookFolder;
beforeAll(async () => {
  folder = await NotebookFolder.make();
});
afterAll(() => folder.remove());

const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("kalshi-lab notebook run --html", () => {
  it("writes a page beside the executed copy that shows prose, tables and charts, and fetches nothing", async () => {
    const file = await folder.write([
      { type: "markdown", source: "# Rain & sun" },
      "import { table } from 'arquero'; table({ price: [0.5, 0.25] })",
      `({ [Symbol.for("Jupyter.display")]: () => ({ "image/png": "${dot}", "text/plain": "a chart" }) })`,
    ]);
    const out = join(folder.path, "pages");
    const { code, stderr } = await runCli(["notebook", "run", file, "--out", out, "--html"]);
    expect(code, stderr).toBe(0);
    expect(existsSync(join(out, "1.ipynb"))).toBe(true);
    const page = readFileSync(join(out, "1.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain("<title>Rain &amp; sun</title>");
    expect(page).toContain("<style>");
    expect(page).toMatch(/<td[^>]*>0\.25/);
    expect(page).toContain(`<img alt="a chart" src="data:image/png;base64,${dot}">`);
    expect(page).not.toMatch(/<link|<script|(?:src|href)="(?!data:|#)/);
  });

  it("writes it for a notebook that fails too, as far as that came", async () => {
    const file = await folder.write(["'so far'", "throw new Error('no further')"]);
    const out = join(folder.path, "failed");
    await expectFailure(runCli(["notebook", "run", file, "--out", out, "--html"]), "NOTEBOOK_FAILED");
    const page = readFileSync(join(out, "2.html"), "utf8");
    expect(page).toContain("so far");
    expect(page).toMatch(/<pre class="output error">Error: no further/);
  });

  it("writes no page unless asked", async () => {
    const file = await folder.write(["1"]);
    const out = join(folder.path, "plain");
    expect((await runCli(["notebook", "run", file, "--out", out])).code).toBe(0);
    expect([existsSync(join(out, "3.ipynb")), existsSync(join(out, "3.html"))]).toEqual([true, false]);
  });
});
