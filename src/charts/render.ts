import { fileURLToPath } from "node:url";
import { KalshiError, messageOf } from "../errors.js";
import type { Json, Spec } from "./spec.js";

// The only file that touches vega. Its imports stand inside functions: a static import would cost every notebook a third of a
// second and, inside the kernel's type checker, the whole cell.

/** Comes with the package, since a bare server may have no fonts at all and text would vanish from a PNG. */
const fonts = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((name) =>
  fileURLToPath(new URL(`../../assets/fonts/${name}`, import.meta.url)),
);

/**
 * A vega-lite spec as a vega spec, with what vega-lite had to say about it (nothing, for the charts of this library).
 *
 * @throws KalshiError `BAD_ARGUMENT` when vega-lite cannot read it
 */
export async function compile(spec: Spec): Promise<{ vega: import("vega").Spec; warnings: string[] }> {
  const vegaLite = await import("vega-lite");
  const warnings: string[] = [];
  // Vega marks the rows it draws with ids of its own; the spec stays as it was.
  const copy = copied(spec);
  const note = (...said: unknown[]): unknown => {
    warnings.push(said.join(" "));
    return logger;
  };
  const ignore = (): unknown => logger;
  const logger = { level: ignore, error: note, warn: note, info: ignore, debug: ignore };
  try {
    const compiled = vegaLite.compile(copy as unknown as import("vega-lite").TopLevelSpec, { logger: logger as never });
    return { vega: compiled.spec, warnings };
  } catch (error) {
    throw cannotDraw(error);
  }
}

/** Of JSON and of dates, which vega takes as well; in a fifth of the time of `structuredClone`. */
function copied(json: Json): Json {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(copied);
  if ((json as unknown) instanceof Date) return new Date(json as never) as never;
  const copy: Record<string, Json> = {};
  for (const name in json) copy[name] = copied((json as Spec)[name]!);
  return copy;
}

/**
 * A vega-lite spec as SVG text. No browser, no canvas.
 *
 * @throws KalshiError `BAD_ARGUMENT` when vega-lite or vega cannot read it
 */
export async function renderSvg(spec: Spec): Promise<string> {
  const { vega: compiled } = await compile(spec);
  const vega = await import("vega");
  try {
    const view = new vega.View(vega.parse(compiled), { renderer: "none", logLevel: vega.Error });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  } catch (error) {
    throw cannotDraw(error);
  }
}

/**
 * A vega-lite spec as PNG, `scale` pixels per unit of the spec's size.
 *
 * @throws KalshiError `BAD_ARGUMENT` when vega-lite or vega cannot read it
 */
export async function renderPng(spec: Spec, scale = 2): Promise<Buffer> {
  const [svg, { Resvg }] = await Promise.all([renderSvg(spec), import("@resvg/resvg-js")]);
  const drawing = new Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: fonts,
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  });
  return drawing.render().asPng();
}

function cannotDraw(error: unknown): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `the spec cannot be drawn: ${messageOf(error)}`, {
    hint: "if you changed the spec, compare it with the vega-lite 5 documentation; the unchanged chart draws",
    cause: error,
  });
}
