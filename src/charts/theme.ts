import type { ChartOptions } from "./options.js";
import { inScheme } from "./scheme.js";
import type { Json, Spec } from "./spec.js";

/** The schema every chart names. Front ends run vega-lite 5; vega-lite 6 compiles it too. */
export const SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

/** Okabe and Ito's colours; their yellow is left out, being too faint on white. `twins` has them for a dark ground. */
export const palette = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#000000",
  "#62666B",
] as const;

/** Colours with a meaning, the same in every chart. */
export const colours = {
  main: "#0072B2",
  up: "#0072B2",
  down: "#D55E00",
  bid: "#0072B2",
  ask: "#D55E00",
  gain: "#009E73",
  loss: "#D55E00",
  fee: "#62666B",
  band: "#56B4E9",
  faint: "#9AA5B1",
  ground: "#FFFFFF",
  text: "#1F2933",
  quiet: "#5B6770",
  grid: "#E6E9EC",
  unknown: "#ECEEF0",
  axis: "#B4BCC4",
} as const;

/** From least to most contracts. */
export const ramps = { bids: ["#D6E8F5", "#08427A"], asks: ["#FBE3D0", "#8A2F00"] } as const;

/** How many series one chart tells apart. */
export const MAX_SERIES = palette.length;

const FONT = "Helvetica Neue, Arial, DejaVu Sans, sans-serif";

/** The one theme, on light: white ground, light grid, quiet axes, clear titles. */
export const theme: Spec = {
  background: colours.ground,
  font: FONT,
  padding: 12,
  view: { stroke: null },
  // Vega would describe every mark to screen readers with times in the reader's zone; the chart has a description of its own.
  mark: { aria: false },
  title: {
    anchor: "start",
    color: colours.text,
    fontSize: 15,
    fontWeight: 600,
    subtitleColor: colours.quiet,
    subtitleFontSize: 11.5,
    subtitlePadding: 5,
    offset: 12,
  },
  axis: {
    labelColor: colours.quiet,
    labelFontSize: 11,
    titleColor: colours.quiet,
    titleFontSize: 11.5,
    titleFontWeight: "normal",
    titlePadding: 8,
    grid: true,
    gridColor: colours.grid,
    domainColor: colours.axis,
    tickColor: colours.axis,
    labelOverlap: true,
  },
  axisY: { domain: false, ticks: false, labelPadding: 6 },
  legend: {
    labelColor: colours.text,
    labelFontSize: 11,
    titleColor: colours.quiet,
    titleFontSize: 11.5,
    titleFontWeight: "normal",
    labelLimit: 220,
    symbolStrokeWidth: 2.5,
    symbolSize: 120,
    offset: 16,
  },
  line: { strokeWidth: 1.75, strokeJoin: "round", strokeCap: "round" },
  concat: { spacing: 12 },
};

/** What stands above every chart: a title, and notes that say what is shown, over which span, and what was left out. */
export interface Heading {
  readonly title: string;
  readonly notes: readonly (string | null)[];
}

/** A whole spec: heading and theme, in the scheme asked for, around `body` (a unit, layer or concat spec) of a plot `width` pixels wide. */
export function figure(heading: Heading, width: number, body: Spec, options: ChartOptions): Spec {
  const subtitle = lines(heading.notes, Math.floor(width / SUBTITLE_LETTER));
  const title: Record<string, Json> = { text: heading.title };
  if (subtitle.length > 0) title.subtitle = subtitle;
  const description = [heading.title, ...subtitle].join(". ");
  return inScheme({ $schema: SCHEMA, title, description, ...body, config: theme }, options.scheme ?? "light");
}

/** Pixels that vega, without a canvas to measure on, takes for a letter of the subtitle. */
const SUBTITLE_LETTER = 9.2;

/** Notes joined by dots into lines that stay within the plot, so that a long one does not stretch the picture. */
function lines(notes: readonly (string | null)[], letters: number): string[] {
  const result: string[] = [];
  for (const note of notes) {
    if (note === null || note === "") continue;
    const last = result.at(-1);
    if (last !== undefined && last.length + 3 + note.length <= letters) result[result.length - 1] = `${last} · ${note}`;
    else result.push(note);
  }
  return result;
}
