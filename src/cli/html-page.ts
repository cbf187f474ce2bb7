import { liveParts, schemeButton } from "../charts/html.js";
import { escapeHtml } from "../kernel/table-html.js";

export interface HtmlPage {
  readonly title: string;
  /** Links under the title at the head of the page, as HTML; no head without it. */
  readonly nav?: string;
  /** Contents, as HTML: sections. */
  readonly main: string;
}

/** A page that stands alone: its styles, and what makes its charts live, are inside; nothing is fetched. Light or dark as its reader has it. */
export async function htmlPage({ title, nav, main }: HtmlPage): Promise<string> {
  const live = await liveParts();
  const hasCharts = main.includes('<figure class="chart" data-scheme=');
  const button = hasCharts ? schemeButton : "";
  const head = nav === undefined ? "" : `<header><h1>${escapeHtml(title)}</h1>${button}<nav>${nav}</nav></header>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${live.css}${style}</style>
</head>
<body>
${head}<main>
${main}
</main>
${hasCharts ? live.body : ""}
</body>
</html>
`;
}

const style = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
header { background: var(--ground); border-bottom: 1px solid var(--line); padding: 1.25rem 2rem; display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: baseline; }
header h1 { font-size: 1.35rem; margin: 0; }
header nav { order: 1; width: 100%; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
main { max-width: 1080px; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
section { background: var(--ground); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.75rem; margin: 1.5rem 0; overflow: hidden; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1rem; margin: 0; }
.figure { background: var(--ground); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; }
.figure dt { color: var(--soft); font-size: .85rem; }
.figure dd { margin: .1rem 0 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.prose { max-width: 46rem; }
.prose h1 { font-size: 1.5rem; margin: .2rem 0 .6rem; }
.prose h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem; }
.prose code { background: var(--back); padding: .05em .3em; border-radius: 4px; font-size: .9em; }
.source { float: right; margin: .35rem 0 0 1rem; font-size: .85rem; color: var(--soft); }
.code { margin: .6rem 0; font-size: .85rem; }
.code summary { color: var(--soft); cursor: pointer; width: max-content; }
.code pre { background: var(--back); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto; margin: .4rem 0; }
.chart { margin: 1rem 0; overflow-x: auto; }
.chart img { max-width: 100%; height: auto; display: block; }
.chart svg { width: 100%; height: 100%; display: block; }
.output { margin: .8rem 0; overflow-x: auto; font-size: .9rem; }
pre.output { background: var(--back); border-radius: 6px; padding: .6rem 1rem; font-size: .85rem; }
pre.error, pre.stderr { background: light-dark(#fdf1ef, #35191a); }
.files { border-collapse: collapse; width: 100%; }
.files td { border-top: 1px solid var(--line); padding: .4rem .6rem .4rem 0; vertical-align: top; }
@media (max-width: 640px) {
  header, section { padding: 1rem; }
  .source { float: none; margin: 0; }
  .files td { display: block; }
  .files td + td { border-top: 0; padding-top: 0; }
}
`;
