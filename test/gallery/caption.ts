import type { Chart } from "../../src/charts/chart.js";
import type { PageFigure } from "../../src/charts/html.js";

/** A chart with the call that made it, and of how many rows it was made. */
export function captioned(call: string, chart: Chart): PageFigure {
  return { spec: chart.spec, caption: `<code>${call}</code> · ${chart.rows.toLocaleString("en-US")} rows` };
}
