import { extname } from "node:path";
import { KalshiError } from "../errors.js";
import { writeFileAtomic } from "../store/atomic-file.js";
import { stockTslab } from "../store/stock-tslab.js";
import { chartPage } from "./html.js";
import { renderPng, renderSvg } from "./render.js";
import { inScheme, type Scheme } from "./scheme.js";
import type { Spec } from "./spec.js";
import { theme } from "./theme.js";

/** The symbol by which a value tells a notebook how to show it. */
export const display: unique symbol = Symbol.for("Jupyter.display");

/** What Node asks for when it prints a value. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** What a Jupyter front end is given: the spec for those that draw it, a picture for those that do not, a line of text for the rest. */
export interface ChartBundle {
  readonly "application/vnd.vegalite.v5+json": Spec;
  /** base64 */
  readonly "image/png": string;
  readonly "text/plain": string;
}

/** A chart: a plain vega-lite spec, valid for versions 5 and 6, that shows itself as the last expression of a cell and can be saved. */
export interface Chart {
  /** Plain JSON; change a copy of it and draw that with {@link chartOf}. */
  readonly spec: Spec;
  readonly title: string;
  /** Rows of the table it was drawn from. */
  readonly rows: number;
  /** The same chart for a light or a dark ground. */
  in(scheme: Scheme): Chart;
  svg(): Promise<string>;
  /** `scale` pixels per unit of the spec's size; 2 unless told otherwise. */
  png(scale?: number): Promise<Buffer>;
  /**
   * Writes the chart by the file's ending: `.svg`, `.png`, `.html` (a page that needs no network, with tooltips, light or dark as its
   * reader has it) or `.json` (the spec).
   *
   * @throws KalshiError `FILE_FORMAT`, `DISK_FULL`, `WRITE_FAILED`
   */
  save(path: string): Promise<void>;
  [display](): Promise<ChartBundle>;
  /** `[chart: title]`; in stock tslab, which only prints what a cell ends with, the chart is drawn besides. */
  [inspect](): string;
}

/** Makes a chart of any vega-lite spec, also of one you changed. Without a `config` of its own it looks as the library's do. */
export function chartOf(title: string, rows: number, given: Spec): Chart {
  const spec: Spec = given.config === undefined ? { ...given, config: theme } : given;
  const text = `[chart: ${title}]`;
  return {
    spec,
    title,
    rows,
    in: (scheme) => chartOf(title, rows, inScheme(spec, scheme)),
    svg: () => renderSvg(spec),
    png: (scale) => renderPng(spec, scale),
    save: (path) => save(path, title, spec),
    async [display]() {
      return {
        "application/vnd.vegalite.v5+json": spec,
        "image/png": (await renderPng(spec)).toString("base64"),
        "text/plain": text,
      };
    },
    [inspect]() {
      // A picture would take a while, and tslab does not wait: whoever draws specs draws this one.
      stockTslab()?.({ "application/vnd.vegalite.v5+json": spec, "text/plain": text });
      return text;
    },
  };
}

async function save(path: string, title: string, spec: Spec): Promise<void> {
  const ending = extname(path).toLowerCase();
  if (ending === ".svg") return writeFileAtomic(path, await renderSvg(spec));
  if (ending === ".png") return writeFileAtomic(path, await renderPng(spec));
  if (ending === ".json") return writeFileAtomic(path, `${JSON.stringify(spec, null, 2)}\n`);
  if (ending === ".html") return writeFileAtomic(path, await chartPage({ title, figures: [{ spec }] }));
  throw new KalshiError(
    "FILE_FORMAT",
    `a chart cannot be saved as ${ending === "" ? "a file without ending" : ending}: ${path}`,
    {
      hint: "end the path in .svg, .png, .html or .json",
      context: { path, ending },
    },
  );
}
