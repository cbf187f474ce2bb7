import { existsSync, readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import * as formats from "ajv-formats";
import { parse } from "yaml";

const FILE = new URL("../../../shared/kalshi/asyncapi.yaml", import.meta.url);

/** Why frames cannot be held against the specification here; null when they can. Where everything must run, that is an error. */
export const whyNoFrames: string | null = existsSync(FILE) ? null : "../shared/kalshi/asyncapi.yaml is not here";
if (whyNoFrames !== null && process.env.CI === "true") throw new Error(whyNoFrames);

type Node = Record<string, unknown>;

let ajv: Ajv | undefined;
const validators = new Map<string, ValidateFunction>();

/** What the specification finds wrong with a frame by one of its schemas, unknown fields included; empty when all is well. */
export function frameComplaints(schema: string, frame: unknown): readonly string[] {
  let validate = validators.get(schema);
  if (validate === undefined) {
    validate = compile(schema);
    validators.set(schema, validate);
  }
  if (validate(frame)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The schema of every message type that the specification has the exchange send on a channel; `root` has the answers to commands. */
export function messageSchemas(channel: string): ReadonlyMap<string, string> {
  specification ??= parse(readFileSync(FILE, "utf8")) as Specification;
  const { channels, components } = specification;
  const found = new Map<string, string>();
  for (const { $ref } of Object.values(channels[channel]?.messages ?? {})) {
    const payload = components.messages[lastOf($ref)]?.payload;
    if (payload?.$ref === undefined) continue;
    const schema = lastOf(payload.$ref);
    const type = components.schemas[schema]?.properties?.type?.const;
    if (type !== undefined && !found.has(type)) found.set(type, schema);
  }
  return found;
}

interface Specification {
  readonly channels: Readonly<
    Record<string, { readonly messages: Readonly<Record<string, { readonly $ref: string }>> }>
  >;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly payload?: { readonly $ref?: string } }>>;
    readonly schemas: Readonly<
      Record<string, { readonly properties?: { readonly type?: { readonly const?: string } } }>
    >;
  };
}

let specification: Specification | undefined;

function lastOf(reference: string): string {
  return reference.split("/").at(-1) as string;
}

function compile(schema: string): ValidateFunction {
  if (ajv === undefined) {
    ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    const add = formats.default as unknown as { default?: (target: Ajv) => Ajv } & ((target: Ajv) => Ajv);
    (add.default ?? add)(ajv);
    const { components } = parse(readFileSync(FILE, "utf8")) as { components: Node };
    ajv.addSchema({ $id: "frames", components: { schemas: adapted(components.schemas) } });
  }
  return ajv.compile({ $ref: `frames#/components/schemas/${schema}` });
}

/** Nullable as a choice, references led into `frames`, and plain objects closed. */
function adapted(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(adapted);
  if (typeof node !== "object" || node === null) return node;
  const result: Node = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === "nullable" || key === "example" || key === "examples" || key.startsWith("x-")) continue;
    result[key] = key === "$ref" ? String(value).replace("#/", "frames#/") : adapted(value);
  }
  const isPlain = result.type === "object" && result.properties !== undefined && result.allOf === undefined;
  if (isPlain && result.additionalProperties === undefined) result.additionalProperties = false;
  return (node as Node).nullable === true ? { anyOf: [result, { type: "null" }] } : result;
}
