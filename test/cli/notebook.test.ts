import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFailure, runCli } from "../support/cli.js";
import { NotebookFolder, readExecuted } from "../support/notebooks.js";

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
    await expectFailure(runCli(["notebook", "run", file, "--out", out, "--html"]), "NOTEBOOK_FAILED", {
      told: /^2\.ipynb \[1\] .* s\n2\.ipynb \[2\] .* s · Error: no further\n$/,
    });
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

describe("kalshi-lab notebook run", () => {
  it("sets parameters of both forms, tells of each cell as it ends, and writes counts and times", async () => {
    const file = await folder.write([
      { source: 'const env = "sandbox"; let limit = 1;', tags: ["parameters"] },
      'const known: "demo" = env; [known, limit]',
    ]);
    const out = join(folder.path, "set");
    const { code, stderr } = await runCli([
      "notebook",
      "run",
      file,
      "-p",
      "env",
      "demo",
      "-p",
      "limit=[1,2]",
      "--out",
      out,
    ]);
    expect(code, stderr).toBe(0);
    const name = basename(file);
    for (const count of [1, 2, 3]) expect(stderr).toMatch(new RegExp(`^${name} \\[${count}\\] \\d+\\.\\d s$`, "m"));
    const { notebook, text } = await readExecuted(join(out, name));
    expect(text(2)).toBe("[ 'demo', [ 1, 2 ] ]");
    expect(notebook.cells.map(({ execution_count }) => execution_count)).toEqual([1, 2, 3]);
    for (const { metadata } of notebook.cells) {
      const { "iopub.execute_input": from, "shell.execute_reply": to } = metadata.execution as Record<string, string>;
      expect(Date.parse(from!)).toBeLessThanOrEqual(Date.parse(to!));
    }
  });

  it("ends a cell that takes too long, and goes on where errors are allowed", async () => {
    const file = await folder.write(["for (;;) {}", "'after'"]);
    const out = join(folder.path, "late");
    await expectFailure(runCli(["notebook", "run", file, "--timeout", "0.3", "--out", out]), "NOTEBOOK_FAILED", {
      told: /Timeout/,
    });
    const { code, stderr } = await runCli([
      "notebook",
      "run",
      file,
      "--timeout",
      "0.3",
      "--allow-errors",
      "--out",
      out,
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("Timeout: the cell ran longer than 300 ms");
    expect((await readExecuted(join(out, basename(file)))).text(1)).toBe("'after'");
  });

  it("checks types strictly when asked", async () => {
    const file = await folder.write(["const first = [1].find((n) => n > 0); first.toFixed()"]);
    const out = join(folder.path, "strict");
    expect((await runCli(["notebook", "run", file, "--out", out])).code).toBe(0);
    const failed = await runCli(["notebook", "run", file, "--strict", "--out", out]);
    expect(failed.stderr).toContain("TS18048");
  });
});

describe("kalshi-lab kernel install", () => {
  it("puts the kernel into the active environment, and takes it away again", async () => {
    const prefix = join(folder.path, "environment");
    const spec = join(prefix, "share", "jupyter", "kernels", "kalshi-lab", "kernel.json");
    const env = { VIRTUAL_ENV: prefix };
    expect((await runCli(["kernel", "install", "--sys-prefix", "--strict"], env)).code).toBe(0);
    expect(JSON.parse(readFileSync(spec, "utf8"))).toMatchObject({ env: { KALSHI_LAB_STRICT: "1" } });
    expect((await runCli(["kernel", "uninstall", "--sys-prefix"], env)).code).toBe(0);
    expect(existsSync(spec)).toBe(false);
    await expectFailure(
      runCli(["kernel", "install", "--sys-prefix"], { VIRTUAL_ENV: "", CONDA_PREFIX: "" }),
      "BAD_ARGUMENT",
      { exit: 2 },
    );
  });
});
