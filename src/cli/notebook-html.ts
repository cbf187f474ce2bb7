import { readFile } from "node:fs/promises";
import { marked } from "marked";
import { liveFigure } from "../charts/html.js";
import type { Spec } from "../charts/spec.js";
import { type NotebookCell, type NotebookOutput, parseNotebook } from "../kernel/nbformat.js";
import { escapeHtml } from "../kernel/table-html.js";

/** What a page shows of an executed notebook. */
export interface RenderedNotebook {
  /** Its first heading, or its file name. */
  readonly title: string;
  /** HTML of all cells: prose, code folded away, charts as pictures with their specs (live on a page that has `liveParts`), tables as tables. */
  readonly html: string;
  readonly charts: number;
  readonly tables: number;
}

/**
 * An executed notebook as a piece of HTML that stands alone: pictures are inside, nothing is fetched.
 *
 * @throws KalshiError `NOTEBOOK_INVALID`
 */
export async function renderNotebook(file: string): Promise<RenderedNotebook> {
  const { cells } = parseNotebook(await readFile(file, "utf8"), file);
  const parts = cells.map(renderCell);
  const heading = cells.map((cell) => /^#\s+(.+)$/m.exec(sourceOf(cell))?.[1]).find((text) => text !== undefined);
  const html = parts.join("\n");
  return {
    title: heading ?? file.split("/").at(-1)!,
    html,
    charts: html.split('<figure class="chart"').length - 1,
    tables: html.split('<div class="output table"').length - 1,
  };
}

function renderCell(cell: NotebookCell): string {
  if (cell.cell_type === "markdown")
    return `<div class="prose">${marked.parse(sourceOf(cell), { async: false })}</div>`;
  if (cell.cell_type !== "code") return "";
  const code = sourceOf(cell).trim();
  const shown =
    code === ""
      ? ""
      : `<details class="code"><summary>code</summary><pre><code>${escapeHtml(code)}</code></pre></details>`;
  return shown + (cell.outputs ?? []).map(renderOutput).join("\n");
}

function renderOutput(output: NotebookOutput): string {
  if (output.output_type === "stream") return pre(joined(output.text), output.name);
  if (output.output_type === "error") return pre(`${output.ename}: ${output.evalue}`, "error");
  const { data } = output;
  const png = data["image/png"];
  if (typeof png === "string") {
    const image = `<img alt="${escapeHtml(textOf(data))}" src="data:image/png;base64,${png}">`;
    const spec = data["application/vnd.vegalite.v5+json"];
    return standsAlone(spec) ? liveFigure(spec, image) : `<figure class="chart">${image}</figure>`;
  }
  const svg = data["image/svg+xml"];
  if (svg !== undefined) return `<figure class="chart">${joined(svg)}</figure>`;
  const html = data["text/html"];
  if (html !== undefined) return `<div class="output table">${joined(html)}</div>`;
  return pre(textOf(data), "result");
}

/** A spec that has its data inside, so that drawing it fetches nothing. */
function standsAlone(spec: unknown): spec is Spec {
  return typeof spec === "object" && spec !== null && !JSON.stringify(spec).includes('"url":');
}

function pre(text: string, kind: string): string {
  return text.trim() === "" ? "" : `<pre class="output ${kind}">${escapeHtml(text.trimEnd())}</pre>`;
}

function textOf(data: Readonly<Record<string, unknown>>): string {
  return joined(data["text/plain"] ?? "");
}

/** nbformat lets a text be one string or a list of lines. */
function joined(text: unknown): string {
  return Array.isArray(text) ? text.join("") : String(text);
}

function sourceOf(cell: NotebookCell): string {
  return joined(cell.source);
}
