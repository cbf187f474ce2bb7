import type { Chart } from "../../src/charts/chart.js";
import type { PageFigure } from "../../src/charts/html.js";

/** A chart with the call that made it, of how many rows it was made, and what they are. */
export function captioned(call: string, chart: Chart, source: string): PageFigure {
  const rows = chart.rows.toLocaleString("en-US");
  return { spec: chart.spec, caption: `<code>${call}</code> · ${rows} rows · ${source}` };
}
