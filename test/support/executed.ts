import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { type NotebookOutput, parseNotebook } from "../../src/kernel/nbformat.js";
import { python } from "./python.js";

/** What a notebook file shows of its run. */
export interface ExecutedNotebook {
  /** Charts that any front end can show: as a vega-lite spec and as a picture. */
  readonly charts: number;
  readonly tables: number;
}

/** Holds a notebook file to having run from its first to its last cell without an error; returns what it shows. */
export async function checkExecuted(file: string): Promise<ExecutedNotebook> {
  const { cells } = parseNotebook(await readFile(file, "utf8"), file);
  const code = cells.filter(({ cell_type }) => cell_type === "code");
  expect(
    code.map(({ execution_count }) => execution_count),
    file,
  ).toEqual(code.map((_, at) => at + 1));
  const outputs = code.flatMap((cell) => cell.outputs ?? []);
  const troubles = outputs.filter((output) => output.output_type === "error" || isStderr(output));
  expect(troubles, file).toEqual([]);
  const bundles = outputs.map((output) => ("data" in output ? output.data : {}));
  const charts = bundles.filter((data) => "application/vnd.vegalite.v5+json" in data);
  for (const data of charts) expect(pngSize(data["image/png"])?.width, file).toBeGreaterThan(200);
  return { charts: charts.length, tables: bundles.filter((data) => "text/html" in data).length };
}

/** What Jupyter's own reader holds against a notebook file; empty when it is valid. */
export function whatNbformatSays(file: string): string {
  const check = "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT))";
  const { status, stdout, stderr } = spawnSync(python, ["-W", "error", "-c", check, file], { encoding: "utf8" });
  return status === 0 ? "" : stdout + stderr || `exit ${status}`;
}

function isStderr(output: NotebookOutput): boolean {
  return output.output_type === "stream" && output.name === "stderr";
}

/** Width and height as the head of a PNG has them. */
function pngSize(base64: unknown): { width: number; height: number } | null {
  const bytes = Buffer.from(String(base64), "base64");
  if (bytes.length < 24 || bytes.toString("latin1", 1, 4) !== "PNG") return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
