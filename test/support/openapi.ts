import { existsSync, readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import * as formats from "ajv-formats";
import { parse } from "yaml";

const FILE = new URL("../../../shared/kalshi/openapi.yaml", import.meta.url);

/** Why answers cannot be held against the specification here; null when they can. Where everything must run, that is an error. */
export const whyNoSpecification: string | null = existsSync(FILE) ? null : "../shared/kalshi/openapi.yaml is not here";
if (whyNoSpecification !== null && process.env.CI === "true") throw new Error(whyNoSpecification);

export type Node = Record<string, unknown>;

let document: Node | undefined;
let ajv: Ajv | undefined;
const validators = new Map<string, ValidateFunction>();

/**
 * What the specification finds wrong with an answer to an operation, `path` with its braces; empty when all is well. A field that the
 * specification does not know is wrong too.
 */
export function complaints(method: string, path: string, status: number, body: unknown): readonly string[] {
  const key = `${method} ${path} ${status}`;
  let validate = validators.get(key);
  if (validate === undefined) {
    validate = compile(responseSchema(method, path, status));
    validators.set(key, validate);
  }
  if (validate(body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function compile(schema: unknown): ValidateFunction {
  if (ajv === undefined) {
    ajv = new Ajv({ strict: false, allErrors: true });
    const add = formats.default as unknown as { default?: (target: Ajv) => Ajv } & ((target: Ajv) => Ajv);
    (add.default ?? add)(ajv);
    ajv.addSchema({ $id: "spec", components: adapted(specification().components) });
  }
  return ajv.compile(adapted(schema) as Node);
}

function responseSchema(method: string, path: string, status: number): unknown {
  const operation = dig(specification(), "paths", path, method.toLowerCase());
  if (operation === undefined) throw new Error(`the specification has no ${method} ${path}`);
  const schema = dig(operation, "responses", String(status), "content", "application/json", "schema");
  if (schema === undefined) throw new Error(`the specification has no body for ${method} ${path} ${status}`);
  return schema;
}

/** The whole specification. */
export function specification(): Node {
  document ??= parse(readFileSync(FILE, "utf8")) as Node;
  return document;
}

/** What stands below some keys, or undefined. */
export function dig(node: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Node)[key] : undefined),
    node,
  );
}

/** OpenAPI 3.0 as JSON Schema: `nullable` becomes a choice, references lead into `spec`, plain objects are closed. */
function adapted(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(adapted);
  if (typeof node !== "object" || node === null) return node;
  const result: Node = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "nullable" || key === "example" || key.startsWith("x-")) continue;
    result[key] = key === "$ref" ? String(value).replace("#/", "spec#/") : adapted(value);
  }
  const isPlain = result.type === "object" && result.properties !== undefined && result.allOf === undefined;
  if (isPlain && result.additionalProperties === undefined) result.additionalProperties = false;
  return (node as Node).nullable === true ? { anyOf: [result, { type: "null" }] } : result;
}
