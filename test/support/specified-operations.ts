import { dig, type Node, specification } from "./openapi.js";

/** A parameter or a field of a request, as the specification has it. */
export interface SpecifiedParameter {
  readonly name: string;
  readonly required: boolean;
  readonly type: string;
  /** A list whose parameter comes again and again. */
  readonly repeated: boolean;
  /** Bounds of a number, or of the count of a list. */
  readonly range: readonly [number | undefined, number | undefined];
  /** Of a list of objects: what each may hold. */
  readonly fields: readonly SpecifiedParameter[];
}

/** One operation of the specification. */
export interface SpecifiedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly signed: boolean;
  readonly inPath: readonly SpecifiedParameter[];
  readonly query: readonly SpecifiedParameter[];
  readonly body: readonly SpecifiedParameter[];
  /** Of a good answer; null when it has no body. */
  readonly answer: Schema | null;
}

/** A schema without references: an object, a list, or a plain value. */
export interface Schema {
  readonly type: string;
  readonly nullable: boolean;
  readonly format: string | null;
  readonly values: readonly string[] | null;
  readonly properties: Readonly<Record<string, Schema>> | null;
  readonly required: readonly string[];
  readonly items: Schema | null;
  /** Of an object whose keys are data. */
  readonly each: Schema | null;
  /** `FixedPointDollars` and the like: how a text is to be read. */
  readonly name: string | null;
}

/** Every operation of the specification. */
export function specifiedOperations(): readonly SpecifiedOperation[] {
  return Object.entries(specification().paths as Node).flatMap(([path, item]) =>
    Object.entries(item as Node)
      .filter(([method]) => ["get", "post", "put", "delete"].includes(method))
      .map(([method, operation]) => specified(path, method, operation as Node, item as Node)),
  );
}

function specified(path: string, method: string, operation: Node, item: Node): SpecifiedOperation {
  const parameters = [...asList(item.parameters), ...asList(operation.parameters)].map((one) => resolved(one));
  const placed = (where: string) =>
    parameters
      .filter((one) => one.in === where)
      .map((one) => parameterOf(String(one.name), one.required === true, resolved(one.schema), one));
  const body = dig(resolved(operation.requestBody), "content", "application/json", "schema");
  const security = asList(operation.security ?? specification().security);
  return {
    id: String(operation.operationId),
    method: method.toUpperCase(),
    path,
    signed: security.length > 0,
    inPath: placed("path"),
    query: placed("query"),
    body: fieldsOf(body),
    answer: answerSchema(operation),
  };
}

function fieldsOf(schema: unknown): readonly SpecifiedParameter[] {
  const { properties = {}, required } = merged(resolved(schema));
  return Object.entries(properties as Node).map(([name, one]) =>
    parameterOf(name, asList(required).map(String).includes(name), resolved(one), {}),
  );
}

function answerSchema(operation: Node): Schema | null {
  for (const [status, response] of Object.entries(operation.responses as Node)) {
    const schema = dig(resolved(response), "content", "application/json", "schema");
    if (status.startsWith("2") && schema !== undefined) return schemaOf(schema);
  }
  return null;
}

function parameterOf(name: string, required: boolean, schema: Node, parameter: Node): SpecifiedParameter {
  const plain = merged(schema);
  const bounds = plain.type === "array" ? [plain.minItems, plain.maxItems] : [plain.minimum, plain.maximum];
  return {
    name,
    required,
    type: String(plain.type),
    repeated: plain.type === "array" && parameter.explode !== false,
    range: bounds as [number | undefined, number | undefined],
    fields: plain.type === "array" ? fieldsOf(plain.items) : [],
  };
}

function schemaOf(node: unknown): Schema {
  const name = typeof dig(node, "$ref") === "string" ? String(dig(node, "$ref")).split("/").at(-1)! : null;
  const plain = merged(resolved(node));
  const properties = plain.properties as Node | undefined;
  const each = plain.additionalProperties;
  return {
    type: String(plain.type),
    nullable: plain.nullable === true || (node as Node).nullable === true,
    format: typeof plain.format === "string" ? plain.format : null,
    values: Array.isArray(plain.enum) ? plain.enum.map(String) : null,
    properties:
      properties === undefined
        ? null
        : Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, schemaOf(one)])),
    required: asList(plain.required).map(String),
    items: plain.items === undefined ? null : schemaOf(plain.items),
    each: typeof each === "object" && each !== null && Object.keys(each).length > 0 ? schemaOf(each) : null,
    name,
  };
}

/** Parts of `allOf` in one. */
function merged(node: Node): Node {
  if (!Array.isArray(node.allOf)) return node;
  const { allOf, ...own } = node;
  const parts = (allOf as unknown[]).map((part) => merged(resolved(part)));
  return {
    ...Object.assign({}, ...parts),
    ...own,
    ...(parts.some((part) => part.properties !== undefined)
      ? { properties: Object.assign({}, ...parts.map((part) => part.properties), own.properties) as unknown }
      : {}),
    required: [...parts, own].flatMap((part: Node) => asList(part.required)),
  };
}

function resolved(node: unknown): Node {
  const reference = dig(node, "$ref");
  if (typeof reference !== "string") return (node ?? {}) as Node;
  return resolved(dig(specification(), ...reference.slice(2).split("/")));
}

function asList(value: unknown): Node[] {
  return Array.isArray(value) ? (value as Node[]) : [];
}
