import { relative } from "node:path";
import { escapeHtml } from "../../kernel/table-html.js";
import { writeFileAtomic } from "../../store/atomic-file.js";
import { htmlPage } from "../html-page.js";
import { type RenderedNotebook, renderNotebook } from "../notebook-html.js";
import type { NotebookReport } from "./notebooks.js";

export interface PageFile {
  readonly path: string;
  readonly about: string;
}

export interface PageContents {
  readonly path: string;
  readonly title: string;
  /** Key figures, in order. */
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly notebooks: readonly NotebookReport[];
  readonly files: readonly PageFile[];
}

/** Writes the page of a run: key figures, the notebooks with their charts and tables, and links to everything that was made. */
export async function writePage(contents: PageContents): Promise<{ charts: number; tables: number }> {
  const rendered = await Promise.all(contents.notebooks.map(({ file }) => renderNotebook(file)));
  const link = (path: string): string => escapeHtml(relative(contents.path.replace(/[^/\\]*$/, ""), path) || path);
  const figures = contents.figures
    .map(([name, value]) => `<div class="figure"><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join("");
  const sections = rendered.map((notebook, index) => section(notebook, contents.notebooks[index]!, link)).join("\n");
  const files = contents.files
    .map(
      ({ path, about }) => `<tr><td><a href="${link(path)}">${link(path)}</a></td><td>${escapeHtml(about)}</td></tr>`,
    )
    .join("\n");
  const nav = rendered.map(({ title }, index) => `<a href="#notebook-${index + 1}">${escapeHtml(title)}</a>`).join("");
  await writeFileAtomic(
    contents.path,
    await htmlPage({
      title: contents.title,
      nav: `${nav}<a href="#files">Files</a>`,
      main: `<dl class="figures">${figures}</dl>
${sections}
<section id="files"><h2>Files</h2><table class="files">${files}</table></section>`,
    }),
  );
  return { charts: sum(rendered, "charts"), tables: sum(rendered, "tables") };
}

function section(notebook: RenderedNotebook, report: NotebookReport, link: (path: string) => string): string {
  const index = Number.parseInt(report.name, 10);
  const source = `<p class="source"><a href="${link(report.file)}">${escapeHtml(report.name)}</a> · executed in ${report.seconds.toFixed(0)} s</p>`;
  return `<section id="notebook-${index}">${source}${notebook.html}</section>`;
}

function sum(rendered: readonly RenderedNotebook[], what: "charts" | "tables"): number {
  return rendered.reduce((total, one) => total + one[what], 0);
}
