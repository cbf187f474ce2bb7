import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { KalshiError, messageOf } from "../errors.js";
import type { MimeBundle } from "./messages.js";

type Json = Record<string, unknown>;

/** A cell of a notebook file; what we do not know of it is kept. */
export interface NotebookCell extends Json {
  id: string;
  cell_type: string;
  metadata: Json;
  source: string | string[];
  outputs?: NotebookOutput[];
  execution_count?: number | null;
}

export interface Notebook extends Json {
  cells: NotebookCell[];
  metadata: Json;
  nbformat: number;
  nbformat_minor: number;
}

export type NotebookOutput =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string | string[] }
  | { output_type: "display_data"; data: MimeBundle; metadata: Json }
  | { output_type: "execute_result"; data: MimeBundle; metadata: Json; execution_count: number }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

/**
 * A notebook of this language, brought to nbformat 4.5: every cell gets an id.
 *
 * @throws KalshiError `NOTEBOOK_INVALID`
 */
export function parseNotebook(text: string, file: string): Notebook {
  const refuse = (what: string, hint: string, cause?: unknown) =>
    new KalshiError("NOTEBOOK_INVALID", `${file}: ${what}`, { hint, context: { file }, cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(`not JSON (${messageOf(error)})`, "open and save it in JupyterLab, or restore it", error);
  }
  const { cells, metadata, nbformat } = (isObject(value) ? value : {}) as Partial<Notebook>;
  if (nbformat !== 4 || !Array.isArray(cells)) {
    throw refuse("not a notebook of format 4", "open and save it in JupyterLab, which writes format 4");
  }
  const language = languageOf(isObject(metadata) ? metadata : {});
  if (language !== null && !/^(typescript|javascript)$/i.test(language)) {
    throw refuse(`a notebook in ${language}`, "run it with the kernel of its own language; this one runs TypeScript");
  }
  const ids = new Set<string>();
  return {
    ...(value as Notebook),
    metadata: isObject(metadata) ? metadata : {},
    nbformat_minor: 5,
    cells: cells.map((cell: unknown, at) => {
      if (!isObject(cell) || typeof cell.cell_type !== "string") {
        throw refuse(`cell ${at + 1} is not a cell`, "open and save it in JupyterLab, or restore it");
      }
      return normalCell(cell, ids);
    }),
  };
}

function normalCell(cell: Json, ids: Set<string>): NotebookCell {
  const own = cell.id;
  const id = typeof own === "string" && /^[\w-]{1,64}$/.test(own) && !ids.has(own) ? own : newCellId();
  ids.add(id);
  const metadata = isObject(cell.metadata) ? cell.metadata : {};
  return { ...cell, id, metadata, source: sourceText(cell.source) } as NotebookCell;
}

function languageOf(metadata: Json): string | null {
  for (const [section, field] of [
    ["kernelspec", "language"],
    ["language_info", "name"],
  ] as const) {
    const inner = metadata[section];
    if (isObject(inner) && typeof inner[field] === "string") return inner[field];
  }
  return null;
}

export function newCellId(): string {
  return randomUUID().slice(0, 8);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Source may be one text or a list of lines. */
export function sourceText(source: unknown): string {
  return Array.isArray(source) ? source.join("") : typeof source === "string" ? source : "";
}

export function tagsOf(cell: NotebookCell): string[] {
  const { tags } = cell.metadata;
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
}

/** Whether a run executes the cell: code that is not empty, and not tagged `skip-execution`. */
export function isExecuted(cell: NotebookCell): boolean {
  return cell.cell_type === "code" && sourceText(cell.source).trim() !== "" && !tagsOf(cell).includes("skip-execution");
}

/** Writes the file whole or not at all: a notebook that is half written cannot be opened. */
export function writeNotebook(notebook: Notebook, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.partial`;
  writeFileSync(temporary, notebookText(notebook));
  renameSync(temporary, file);
}

/** The file's text as Jupyter itself writes it: one space of indentation, texts as lists of lines. */
function notebookText(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => ({
    ...cell,
    source: lines(sourceText(cell.source)),
    ...(cell.outputs === undefined ? {} : { outputs: cell.outputs.map(outputOnDisk) }),
  }));
  return `${JSON.stringify({ ...notebook, cells }, null, 1)}\n`;
}

function outputOnDisk(output: NotebookOutput): object {
  if (output.output_type === "stream") return { ...output, text: lines(sourceText(output.text)) };
  if (output.output_type === "error") return output;
  const data = Object.entries(output.data).map(([type, value]) => [
    type,
    typeof value === "string" && (type.startsWith("text/") || type === "image/svg+xml") ? lines(value) : value,
  ]);
  return { ...output, data: Object.fromEntries(data) as MimeBundle };
}

function lines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}
