import { table } from "arquero";
import { chart } from "../../src/charts/all.js";
import type { PageFigure } from "../../src/charts/html.js";
import type { Lab } from "../../src/lab/lab.js";
import { captioned } from "./caption.js";

export async function forecastCharts(_lab: Lab): Promise<PageFigure[]> {
  const rows = ["24h", "1h"].flatMap((before, k) =>
    Array.from({ length: 10 }, (_, i) => {
      const n = [240, 90, 60, 41, 30, 31, 25, 28, 40, 147][i]!;
      const p = 0.05 + i / 10;
      const r = Math.min(1, Math.max(0, p + (k ? 0.02 : -0.04) * Math.sin(i)));
      const w = 1.96 * Math.sqrt((r * (1 - r) + 0.01) / n);
      return {
        before,
        bin: i + 1,
        price_from: i / 10,
        price_to: (i + 1) / 10,
        forecasts: n,
        mean_price: p,
        outcome_rate: r,
        low: Math.max(0, r - w),
        high: Math.min(1, r + w),
        band: "wilson",
      };
    }),
  );
  const columns = Object.fromEntries(Object.keys(rows[0]!).map((k) => [k, rows.map((r) => (r as never)[k])]));
  const t = table(columns);
  return [
    captioned("calibration", chart.calibration(t)),
    captioned("calibration", chart.calibration(t.filter((d: { before: string }) => d.before === "24h"))),
  ];
}
