import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import * as vega from "vega";
import { compile } from "../../src/charts/render.js";
import type { Datum, Json, Spec } from "../../src/charts/spec.js";

/** What vega drew: one entry per item of a kind of mark (`symbol`, `rect`, `rule`, `line`, `area`, `text`). */
export async function drawn(spec: Spec, kind: string): Promise<vega.SceneItem[]> {
  const { vega: compiled } = await compile(spec);
  const view = await new vega.View(vega.parse(compiled), { renderer: "none", logLevel: vega.Error }).runAsync();
  const items: vega.SceneItem[] = [];
  const walk = (node: { marktype?: string; role?: string; items?: unknown[] }): void => {
    // Axes, legends and titles are groups with a role of their own.
    if (/^(axis|legend|title)/.test(node.role ?? "")) return;
    for (const item of node.items ?? []) {
      if (node.marktype === kind) items.push(item as vega.SceneItem);
      else walk(item as { items?: unknown[] });
    }
  };
  walk((view.scenegraph() as unknown as { root: { items: unknown[] } }).root);
  view.finalize();
  return items;
}

/** The inline rows of a spec. */
export function rowsOf(spec: Spec): readonly Datum[] {
  return (spec.data as { values: readonly Datum[] }).values;
}

let validate: ((spec: unknown) => string[]) | null = null;

/** What the JSON schema that vega-lite ships says against a spec; nothing when it is valid. */
export function invalidities(spec: Spec): string[] {
  if (validate === null) {
    const path = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false });
    const check = ajv.compile(JSON.parse(readFileSync(path, "utf8")));
    validate = (it) => (check(it) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`));
  }
  return validate(spec);
}

/** Every value under a key, at any depth. */
export function everywhere(json: Json, key: string): Json[] {
  if (Array.isArray(json)) return json.flatMap((item: Json) => everywhere(item, key));
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([name, value]) => [...(name === key ? [value] : []), ...everywhere(value, key)]);
}
