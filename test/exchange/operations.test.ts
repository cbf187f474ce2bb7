import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../src/exchange/operation.js";
import { operations } from "../../src/exchange/operations/all.js";
import type { ObjectsParameter, Parameter, ParameterKind, Parameters } from "../../src/exchange/parameter.js";
import type { Keys } from "../../src/exchange/shape.js";
import { whyNoSpecification } from "../support/openapi.js";
import { answers } from "../support/specified-answers.js";
import {
  type Schema,
  type SpecifiedOperation,
  type SpecifiedParameter,
  specifiedOperations,
} from "../support/specified-operations.js";
import { commaLists, extraFields, lenient, ownRanges, unmapped } from "./operation-excuses.js";

const mapped: Readonly<Record<string, Operation>> = operations as unknown as Record<string, Operation>;
const byId = new Map(Object.values(mapped).map((operation) => [operation.spec.id, operation]));
const specified = whyNoSpecification === null ? specifiedOperations() : [];
const pairs = specified.flatMap((specification): [SpecifiedOperation, Operation][] => {
  const operation = byId.get(specification.id);
  return operation === undefined ? [] : [[specification, operation]];
});

describe("the operations", () => {
  it("are named as the specification names them, in lower camel case, each once", () => {
    for (const [name, { spec }] of Object.entries(mapped)) {
      expect(name).toBe(spec.id[0]!.toLowerCase() + spec.id.slice(1));
    }
    expect(byId.size).toBe(Object.keys(mapped).length);
  });

  it("that change something are signed, and none that reads is marked as changing", () => {
    for (const { spec } of byId.values()) {
      expect([spec.id, spec.writes === true]).toEqual([spec.id, spec.method !== "GET"]);
      if (spec.writes === true) expect([spec.id, spec.access]).toEqual([spec.id, "signed"]);
    }
  });
});

describe.skipIf(whyNoSpecification !== null)(
  `the map of the specification (${whyNoSpecification ?? "held against openapi.yaml"})`,
  () => {
    it("has every operation, or an excuse for it by name, and none for what is mapped or does not exist", () => {
      const ids = specified.map(({ id }) => id);
      expect(ids.filter((id) => !byId.has(id) && !(id in unmapped))).toEqual([]);
      expect(Object.keys(unmapped).filter((id) => byId.has(id) || !ids.includes(id))).toEqual([]);
      expect([...byId.keys()].filter((id) => !ids.includes(id))).toEqual([]);
    });

    it("has its method, path and access", () => {
      const ours = pairs.map(([, { spec }]) => [spec.id, spec.method, spec.path, spec.access]);
      expect(ours).toEqual(
        pairs.map(([{ id, method, path, signed }]) => [id, method, path, signed ? "signed" : "public"]),
      );
    });

    it("knows every parameter and every field of a request, and invents none", () => {
      const found = pairs.flatMap(([specification, { spec }]) => [
        ...parameterFaults(spec.id, specification.inPath, spec.inPath),
        ...parameterFaults(spec.id, specification.query, spec.query),
        ...parameterFaults(spec.id, specification.body, spec.body),
      ]);
      expect(found).toEqual([]);
    });

    it("sends a list in the form that its endpoint reads", () => {
      const comma = pairs.flatMap(([, { spec }]) =>
        Object.entries(spec.query ?? {}).flatMap(([name, { kind }]) =>
          kind === "comma" ? [`${spec.id}.${name}`] : [],
        ),
      );
      expect(comma.sort()).toEqual([...commaLists].sort());
    });

    it("knows every field of every answer, however deep, and invents none", () => {
      const faults = new Set(pairs.flatMap(([{ id, answer }, { spec }]) => keyFaults(id, answer, spec.answer.keys)));
      expect([...faults].filter((fault) => !(fault in extraFields)).sort()).toEqual([]);
      expect(Object.keys(extraFields).filter((fault) => !faults.has(fault))).toEqual([]);
    });

    it("asks for what is always sent, and for nothing that may be left out or null", () => {
      const strict: string[] = [];
      const withoutNeed = new Set<string>();
      for (const [{ id, answer }, { spec }] of pairs) {
        if (answer === null) continue;
        const [sample] = fc.sample(answers(answer, { unknown: false, full: true }), { numRuns: 1, seed: 7 });
        expect(() => spec.answer.parse(sample, id), `${id}: ${JSON.stringify(sample)}`).not.toThrow();
        for (const { place, schema, name, holder } of places(id, answer, sample, spec.answer.keys)) {
          const required = schema.required.includes(name);
          const without = reads(spec, sample, () => delete holder[name], holder);
          const isNull = schema.properties?.[name]?.nullable === true;
          // What may be null is null when it is left out.
          if (without === null && required && !isNull) withoutNeed.add(place);
          if (without !== null && !required) strict.push(`${place} left out: ${without}`);
          const asNull = isNull ? reads(spec, sample, () => (holder[name] = null), holder) : null;
          if (asNull !== null) strict.push(`${place} null: ${asNull}`);
        }
      }
      expect(strict).toEqual([]);
      expect([...withoutNeed].filter((place) => !(place in lenient)).sort()).toEqual([]);
      expect(Object.keys(lenient).filter((place) => !withoutNeed.has(place))).toEqual([]);
    });
  },
);

const forms: Readonly<Record<string, readonly ParameterKind[]>> = {
  string: ["text", "comma", "time", "dollars", "contracts"],
  integer: ["integer", "seconds", "millis"],
  number: ["number"],
  boolean: ["boolean"],
  array: ["repeated", "objects"],
  object: ["json"],
};

function parameterFaults(
  where: string,
  theirs: readonly SpecifiedParameter[],
  ours: Parameters = {},
): readonly string[] {
  const names = theirs.map(({ name }) => name);
  const invented = Object.keys(ours).filter((name) => !names.includes(name));
  return [
    ...invented.map((name) => `${where}.${name} is invented`),
    ...theirs.flatMap((one) => {
      const own = ours[one.name];
      return own === undefined ? [`${where}.${one.name} is not known`] : differences(where, one, own);
    }),
  ];
}

function differences(where: string, theirs: SpecifiedParameter, ours: Parameter): readonly string[] {
  const name = `${where}.${theirs.name}`;
  const faults: string[] = [];
  if (theirs.required !== ours.required) faults.push(`${name} is ${theirs.required ? "" : "not "}required`);
  if (forms[theirs.type]?.includes(ours.kind) !== true) faults.push(`${name} is ${theirs.type}, not ${ours.kind}`);
  for (const end of [0, 1] as const) {
    const bound = theirs.range[end];
    const own = ours.range?.[end];
    // Where the specification only says "not below zero", the exchange is left to refuse.
    if (bound === undefined || theirs.range[1] === undefined) continue;
    if (bound !== own) faults.push(`${name} is bounded by ${bound}, not ${own ?? "nothing"}`);
  }
  if (theirs.range.every((bound) => bound === undefined) && ours.range !== null && !(name in ownRanges))
    faults.push(`${name} has no bounds`);
  const nested = isObjects(ours) ? ours.fields : {};
  return [...faults, ...parameterFaults(`${name}[]`, theirs.fields, nested)];
}

function isObjects(parameter: Parameter): parameter is ObjectsParameter {
  return parameter.kind === "objects";
}

/** Fields that only one side knows, named by the nearest schema with a name. */
function keyFaults(where: string, schema: Schema | null, keys: Keys): readonly string[] {
  if (schema === null || keys === "free") return schema === null && Object.keys(keys).length > 0 ? [where] : [];
  const place = schema.name ?? where;
  if (schema.items !== null) return keyFaults(place, schema.items, keys);
  if (schema.each !== null) return keyFaults(`${place}.*`, schema.each, keys["*"] ?? {});
  const theirs = schema.properties ?? {};
  return [
    ...Object.keys(theirs)
      .filter((name) => !(name in keys))
      .map((name) => `${place}.${name} is not known`),
    ...Object.keys(keys)
      .filter((name) => !(name in theirs))
      .map((name) => `${place}.${name} is not specified`),
    ...Object.entries(theirs).flatMap(([name, one]) =>
      name in keys ? keyFaults(`${place}.${name}`, one, keys[name]!) : [],
    ),
  ];
}

interface Place {
  readonly place: string;
  readonly schema: Schema;
  readonly name: string;
  readonly holder: Record<string, unknown>;
}

/** Every field of an answer that the types look into, with the object that holds it. */
function places(where: string, schema: Schema, value: unknown, keys: Keys): readonly Place[] {
  if (keys === "free" || typeof value !== "object" || value === null) return [];
  const place = schema.name ?? where;
  if (schema.items !== null) return (value as unknown[]).flatMap((one) => places(place, schema.items!, one, keys));
  if (schema.each !== null)
    return Object.values(value).flatMap((one) => places(`${place}.*`, schema.each!, one, keys["*"] ?? {}));
  const holder = value as Record<string, unknown>;
  return Object.entries(schema.properties ?? {}).flatMap(([name, one]) => [
    { place: `${place}.${name}`, schema, name, holder },
    ...places(`${place}.${name}`, one, holder[name], keys[name] ?? {}),
  ]);
}

/** Why an answer does not parse after a change, or null; the change is taken back. */
function reads(
  spec: Operation["spec"],
  answer: unknown,
  change: () => void,
  holder: Record<string, unknown>,
): string | null {
  const before = { ...holder };
  change();
  try {
    spec.answer.parse(answer, spec.id);
    return null;
  } catch (error) {
    return String(error);
  } finally {
    for (const key of Object.keys(holder)) delete holder[key];
    Object.assign(holder, before);
  }
}
