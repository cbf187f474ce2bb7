import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { installKernel } from "../../src/kernel/install.js";
import { type NotebookOutput, parseNotebook } from "../../src/kernel/nbformat.js";
import { type Sandbox, startSandbox } from "../../src/sandbox/sandbox.js";
import { packagePath } from "../../src/store/package.js";
import { checkExecuted } from "../support/executed.js";
import { python, whyNoPython } from "../support/python.js";
import { ownSandbox, variablesOf } from "../support/variables.js";

const RUN_TIMEOUT_MS = 300_000;
/** What a lesson may take. */
const LONGEST_SECONDS = 20;
const whyNot = whyNoPython("nbclient", "nbformat", "nbconvert", "papermill");
const run = promisify(execFile);

describe.skipIf(whyNot !== null)(`the notebooks of the project (${whyNot ?? "run by Jupyter's own tools"})`, () => {
  let folder: string;
  let notebooks: readonly string[];
  let sandbox: Sandbox;

  beforeAll(async () => {
    // Inside the project, as stock tslab finds the library there alone.
    await mkdir(packagePath("out"), { recursive: true });
    folder = await mkdtemp(packagePath("out/notebooks-"));
    await installKernel({ dataFolder: folder });
    await installStockTslab(folder);
    const from = packagePath("notebooks");
    const names = (await readdir(from)).filter((name) => name.endsWith(".ipynb")).sort();
    notebooks = names.map((name) => join(from, name));
    sandbox = await startSandbox();
  }, RUN_TIMEOUT_MS);

  afterAll(async () => {
    await sandbox?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs Python with this environment, in a new folder of its own, whose path it gives. */
  async function inPython(env: Readonly<Record<string, string>>, args: (out: string) => readonly string[]) {
    const out = await mkdtemp(join(folder, "run-"));
    await run(python, [...args(out)], { env: { ...process.env, ...env, JUPYTER_PATH: folder }, cwd: out });
    return out;
  }

  it("run to their end in nbclient, each on a sandbox of its own, with charts and tables", {
    timeout: RUN_TIMEOUT_MS,
  }, async () => {
    expect(notebooks.map((file) => basename(file).slice(0, 2))).toEqual(lessons);
    const out = await inPython(ownSandbox, (to) => [executor, "kalshi-lab", to, ...notebooks]);
    for (const file of notebooks) {
      const { charts, tables } = await checkExecuted(join(out, basename(file)));
      expect(charts, file).toBeGreaterThanOrEqual(1);
      expect(tables, file).toBeGreaterThanOrEqual(1);
      // On a machine with nothing else to do; of one that is busy each gets its share.
      const slowdown = Math.max(1, loadavg()[0]! / availableParallelism());
      expect(await secondsOf(join(out, basename(file))), file).toBeLessThan(LONGEST_SECONDS * slowdown);
    }
  });

  it("run to their end in papermill", { timeout: RUN_TIMEOUT_MS }, async () => {
    await threeAtATime(notebooks, async (file) => {
      const name = basename(file);
      const out = await inPython(variablesOf(sandbox), () => ["-m", "papermill", "--no-progress-bar", file, name]);
      await checkExecuted(join(out, name));
    });
  });

  it("become pages by nbconvert, with their charts in them", { timeout: RUN_TIMEOUT_MS }, async () => {
    await threeAtATime(notebooks, async (file) => {
      const flags = ["--to", "html", "--execute", "--output", "page"];
      const out = await inPython(variablesOf(sandbox), (to) => ["-m", "nbconvert", ...flags, "--output-dir", to, file]);
      const page = await readFile(join(out, "page.html"), "utf8");
      expect(page.split("data:image/png;base64,").length, file).toBeGreaterThanOrEqual(2);
    });
  });

  it("01 to 05 run to their end in stock tslab too, charts shown", { timeout: RUN_TIMEOUT_MS }, async () => {
    const out = await inPython(ownSandbox, (to) => [executor, "stock-tslab", to, ...notebooks.slice(0, 5)]);
    for (const file of notebooks.slice(0, 5)) {
      const outputs = await outputsOf(join(out, basename(file)));
      // Stock tslab writes errors to stderr, as text.
      expect(outputs.filter((output) => output.output_type === "stream" && output.name === "stderr")).toEqual([]);
      const specs = outputs.flatMap((output) => ("data" in output ? [output.data[vegalite]] : []));
      expect(specs.length, file).toBeGreaterThanOrEqual(2);
      for (const spec of specs) expect(spec, file).toMatchObject({ $schema: expect.stringContaining("vega-lite") });
    }
  });
});

describe("the notebooks in the repository", () => {
  const from = packagePath("notebooks");

  it("hold no outputs, counts or times, so that a change to one is a change of its text", async () => {
    for (const name of (await readdir(from)).filter((one) => one.endsWith(".ipynb"))) {
      const text = await readFile(join(from, name), "utf8");
      const { cells, metadata } = parseNotebook(text, name);
      const code = cells.filter(({ cell_type }) => cell_type === "code");
      expect(code.flatMap(({ outputs, execution_count }) => [outputs, execution_count])).toEqual(
        code.flatMap(() => [[], null]),
      );
      expect(Object.keys(metadata).sort(), name).toEqual(["kernelspec", "language_info"]);
      expect(new Set(cells.map(({ id }) => id)).size, name).toBe(cells.length);
    }
  });

  it("have no dollar signs in their prose: front ends take what is between two of them for a formula", async () => {
    for (const name of (await readdir(from)).filter((one) => one.endsWith(".ipynb"))) {
      const { cells } = parseNotebook(await readFile(join(from, name), "utf8"), name);
      const prose = cells.flatMap(({ cell_type, source }) =>
        cell_type === "markdown" ? [[source].flat().join("")] : [],
      );
      expect(
        prose.filter((text) => text.replaceAll(/`[^`]*`/g, "").includes("$")),
        name,
      ).toEqual([]);
    }
  });

  it("are told where they run by one variable, in a cell that runners can set", async () => {
    for (const name of (await readdir(from)).filter((one) => one.endsWith(".ipynb"))) {
      const { cells } = parseNotebook(await readFile(join(from, name), "utf8"), name);
      const tagged = cells.filter(({ metadata }) => [metadata.tags].flat().includes("parameters"));
      expect(tagged.map(({ source }) => [source].flat().join("").split("\n", 1)[0])).toEqual([
        expect.stringMatching(/^const env = "sandbox"; \/\/ "production" /),
      ]);
    }
  });
});

const lessons = ["01", "02", "03", "04", "05", "06", "07", "08"];
const vegalite = "application/vnd.vegalite.v5+json";
const executor = join(import.meta.dirname, "execute.py");

/** A kernelspec as tslab's own installer writes it, but for the place of its program. */
async function installStockTslab(dataFolder: string): Promise<void> {
  const spec = join(dataFolder, "kernels", "stock-tslab");
  await mkdir(spec, { recursive: true });
  const program = packagePath("node_modules/tslab/bin/tslab");
  const argv = [process.execPath, program, "kernel", "--config-path={connection_file}"];
  await writeFile(
    join(spec, "kernel.json"),
    JSON.stringify({ argv, display_name: "TypeScript", language: "typescript" }),
  );
}

/** From the beginning of the first cell to the end of the last. */
async function secondsOf(file: string): Promise<number> {
  const { cells } = parseNotebook(await readFile(file, "utf8"), file);
  const times = cells.flatMap(({ metadata }) => Object.values((metadata.execution ?? {}) as Record<string, string>));
  const moments = times.map((time) => Date.parse(time));
  expect(moments.length, file).toBeGreaterThan(2);
  return (Math.max(...moments) - Math.min(...moments)) / 1_000;
}

async function outputsOf(file: string): Promise<readonly NotebookOutput[]> {
  const { cells } = parseNotebook(await readFile(file, "utf8"), file);
  return cells.flatMap(({ outputs }) => outputs ?? []);
}

async function threeAtATime(files: readonly string[], work: (file: string) => Promise<void>): Promise<void> {
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await work(file);
  };
  await Promise.all([worker(), worker(), worker()]);
}
