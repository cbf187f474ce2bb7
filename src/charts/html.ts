import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { renderSvg } from "./render.js";
import { schemeOf, twins } from "./scheme.js";
import type { Spec } from "./spec.js";

/** One chart of a page. */
export interface PageFigure {
  readonly spec: Spec;
  /** A line below it, as HTML. */
  readonly caption?: string;
}

export interface ChartPage {
  readonly title: string;
  /** A line beside the title, as HTML. */
  readonly about?: string;
  readonly figures: readonly PageFigure[];
}

const require = createRequire(import.meta.url);

/**
 * A page of charts that needs no network and shows the same forever: each as a picture, and its spec, which the vega inside the page draws
 * over it, with tooltips, light or dark as the reader has it.
 */
export async function chartPage({ title, about = "", figures }: ChartPage): Promise<string> {
  const [css, live] = await Promise.all([asset("page.css"), liveParts()]);
  const drawn = await Promise.all(
    figures.map(async ({ spec, caption }) => liveFigure(spec, await renderSvg(spec), caption)),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${live.css}${css}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1><p>${about}</p>${schemeButton}</header>
<main>
${drawn.join("\n")}
</main>
${live.body}
</body>
</html>
`;
}

/** What makes the figures of a page live. */
export interface LiveParts {
  /** Styles: the colours that a page stands on in both schemes (`--back`, `--ground`, `--ink`, `--soft`, `--line`, `--accent`), and the tip's. */
  readonly css: string;
  /** HTML for the end of the body: vega and what draws with it. */
  readonly body: string;
}

/** At a click a page changes from light to dark, and back. */
export const schemeButton = `<button id="scheme" type="button"></button>`;

export async function liveParts(): Promise<LiveParts> {
  const [css, js, vega, vegaLite] = await Promise.all([
    asset("live.css"),
    asset("page.js"),
    built("vega", "vega.min.js"),
    built("vega-lite", "vega-lite.min.js"),
  ]);
  const body = `<div id="tip" hidden></div>
<script id="twins" type="application/json">${JSON.stringify(twins)}</script>
${[vega, vegaLite, js].map((code) => `<script>${inScript(code)}</script>`).join("\n")}`;
  return { css, body };
}

/** A chart of a page as HTML: its picture, as HTML too, and its spec, which is drawn over it where the page has `liveParts`. */
export function liveFigure(spec: Spec, picture: string, caption?: string): string {
  const json = JSON.stringify(spec).replaceAll("<", "\\u003c");
  const below = caption === undefined ? "" : `<figcaption>${caption}</figcaption>`;
  return `<figure class="chart" data-scheme="${schemeOf(spec)}">
<div class="picture">${picture}</div>
<script type="application/vnd.vegalite.v5+json">${json}</script>${below}
</figure>`;
}

function asset(name: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../../assets/charts/${name}`, import.meta.url)), "utf8");
}

/** What vega builds for browsers: one file that stands alone. Its package lets only its entry be asked for, which lies beside. */
async function built(name: string, file: string): Promise<string> {
  const code = await readFile(join(dirname(require.resolve(name)), file), "utf8");
  return code.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "");
}

function inScript(code: string): string {
  return code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
