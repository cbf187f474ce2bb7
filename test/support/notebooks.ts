import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Notebook, NotebookOutput } from "../../src/kernel/nbformat.js";
import { type NotebookRun, type NotebookSummary, runNotebook } from "../../src/kernel/notebook.js";

type CellSource = string | { source: string; tags?: string[]; type?: string };

export interface Executed {
  readonly summary: NotebookSummary;
  readonly notebook: Notebook;
  readonly outFile: string;
  /** Outputs of the n-th cell, from 0. */
  outputs(cell: number): NotebookOutput[];
  /** The text of the n-th cell: its streams, results and errors one after the other. */
  text(cell: number): string;
}

/** Notebooks in a folder of their own. */
export class NotebookFolder {
  readonly path: string;
  #count = 0;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<NotebookFolder> {
    return new NotebookFolder(await mkdtemp(join(tmpdir(), "kalshi-notebooks-")));
  }

  async write(cells: readonly CellSource[], rest: object = {}): Promise<string> {
    this.#count += 1;
    const file = join(this.path, `${this.#count}.ipynb`);
    const content = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: cells.map(fileCell), ...rest };
    await writeFile(file, JSON.stringify(content));
    return file;
  }

  async run(cells: readonly CellSource[], options: Partial<NotebookRun> = {}): Promise<Executed> {
    const file = await this.write(cells);
    const outFile = join(this.path, "out", `${this.#count}.ipynb`);
    const summary = await runNotebook({ file, outFile, ...options });
    return { summary, ...(await readExecuted(outFile)) };
  }

  async file(name: string, text: string): Promise<string> {
    const path = join(this.path, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, text);
    return path;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

export async function readExecuted(outFile: string): Promise<Omit<Executed, "summary">> {
  const notebook = JSON.parse(await readFile(outFile, "utf8")) as Notebook;
  const outputs = (cell: number) => notebook.cells[cell]?.outputs ?? [];
  return { notebook, outFile, outputs, text: (cell) => outputs(cell).map(outputText).join("") };
}

function fileCell(cell: CellSource, at: number): object {
  const { source, tags = [], type = "code" } = typeof cell === "string" ? { source: cell } : cell;
  const code = type === "code" ? { outputs: [], execution_count: null } : {};
  return { id: `cell-${at}`, cell_type: type, metadata: tags.length === 0 ? {} : { tags }, source, ...code };
}

function outputText(output: NotebookOutput): string {
  if (output.output_type === "error") return output.traceback.join("\n");
  const text = output.output_type === "stream" ? output.text : output.data["text/plain"];
  return Array.isArray(text) ? text.join("") : String(text ?? "");
}
