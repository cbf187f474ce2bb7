import type { Scheme } from "./scheme.js";

/** What every chart takes. */
export interface ChartOptions {
  readonly title?: string;
  /** Pixels of the plot, without axes and legend. */
  readonly width?: number;
  readonly height?: number;
  /** Colours for a light ground or a dark one; `light` unless told otherwise. */
  readonly scheme?: Scheme;
}

/** What every chart with time in it takes. */
export interface TimeChartOptions extends ChartOptions {
  /** The zone in which axis, tooltips and notes tell the time, by its IANA name: `America/New_York`. UTC unless told otherwise. */
  readonly timezone?: string;
}
