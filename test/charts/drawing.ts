import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { Ajv } from "ajv";
import * as vega from "vega";
import { compile } from "../../src/charts/render.js";
import type { Datum, Json, Spec } from "../../src/charts/spec.js";

/** What vega drew: one entry per item of a kind of mark (`symbol`, `rect`, `rule`, `line`, `area`, `text`). */
export async function drawn(spec: Spec, kind: string): Promise<vega.SceneItem[]> {
  return (await itemsOf((await compile(spec)).vega)).get(kind) ?? [];
}

/** What is drawn of a vega spec, by kind of mark; axes, legends and titles aside. */
export async function itemsOf(compiled: vega.Spec): Promise<ReadonlyMap<string, vega.SceneItem[]>> {
  const view = await new vega.View(vega.parse(compiled), { renderer: "none", logLevel: vega.Error }).runAsync();
  const items = new Map<string, vega.SceneItem[]>();
  const walk = (node: { marktype?: string; role?: string; items?: unknown[] }): void => {
    // Axes, legends and titles are groups with a role of their own.
    if (/^(axis|legend|title)/.test(node.role ?? "")) return;
    const { marktype = "group" } = node;
    if (marktype === "group") for (const item of node.items ?? []) walk(item as { items?: unknown[] });
    else items.set(marktype, [...(items.get(marktype) ?? []), ...((node.items ?? []) as vega.SceneItem[])]);
  };
  walk((view.scenegraph() as unknown as { root: { items: unknown[] } }).root);
  view.finalize();
  return items;
}

/**
 * Refuses marks that do not stand where their values say, on a linear axis.
 *
 * @throws Error naming the first that does not
 */
export function expectLinear(pixels: readonly number[], values: readonly number[]): void {
  const first = values[0]!;
  const other = values.findIndex((value) => value !== first);
  const slope = other < 0 ? 0 : (pixels[other]! - pixels[0]!) / (values[other]! - first);
  if (other >= 0 && slope === 0) throw new Error(`values ${first} and ${values[other]} stand in one place`);
  for (const [at, value] of values.entries()) {
    const expected = pixels[0]! + slope * (value - first);
    if (Math.abs(expected - pixels[at]!) > 1e-6)
      throw new Error(`${value} stands at ${pixels[at]}, not at ${expected}`);
  }
  if (pixels.length !== values.length) throw new Error(`${pixels.length} marks of ${values.length} values`);
}

/** The inline rows of a spec. */
export function rowsOf(spec: Spec): readonly Datum[] {
  return (spec.data as { values: readonly Datum[] }).values;
}

const require = createRequire(import.meta.url);
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false });
const schemas = new Map<string, ReturnType<typeof ajv.compile>>();

/** The versions of vega-lite that specs are held to: what front ends run, and what this library draws with. */
export const versions = ["vega-lite-5", "vega-lite"] as const;

/** What the JSON schema that a version of vega-lite ships says against a spec; nothing when it is valid. */
export function invalidities(spec: Spec, version: (typeof versions)[number]): string[] {
  const path = version === "vega-lite" ? "vega-lite/vega-lite-schema.json" : "vega-lite-5/build/vega-lite-schema.json";
  const check = schemas.get(version) ?? ajv.compile(JSON.parse(readFileSync(require.resolve(path), "utf8")));
  schemas.set(version, check);
  return check(spec) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

type Compile = (spec: unknown, options: { logger: unknown }) => { spec: vega.Spec };

let compileOf5: Compile | null = null;

/** The vega spec that vega-lite 5 makes, with what it had to say about it. Its build for browsers, since its other one asks for vega 5. */
export function compiledBy5(spec: Spec): { vega: vega.Spec; warnings: string[] } {
  if (compileOf5 === null) {
    const path = join(dirname(require.resolve("vega-lite-5/build/vega-lite-schema.json")), "vega-lite.min.js");
    const page = createContext({ vega, structuredClone, console });
    runInContext(readFileSync(path, "utf8"), page);
    compileOf5 = (page as unknown as { vegaLite: { compile: Compile } }).vegaLite.compile;
  }
  const warnings: string[] = [];
  const note = (...said: unknown[]): unknown => {
    warnings.push(said.join(" "));
    return logger;
  };
  const ignore = (): unknown => logger;
  const logger = { level: ignore, error: note, warn: note, info: ignore, debug: ignore };
  return { vega: compileOf5(structuredClone(spec), { logger }).spec, warnings };
}

/** Every value under a key, at any depth. */
export function everywhere(json: Json, key: string): Json[] {
  if (Array.isArray(json)) return json.flatMap((item: Json) => everywhere(item, key));
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) => [...(name === key ? [value] : []), ...everywhere(value, key)]);
}
