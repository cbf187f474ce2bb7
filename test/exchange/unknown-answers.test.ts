import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { operations } from "../../src/exchange/operations/all.js";
import type { Keys, Shape } from "../../src/exchange/shape.js";
import { whyNoSpecification } from "../support/openapi.js";
import { answers, UNKNOWN_KEY, UNKNOWN_WORD } from "../support/specified-answers.js";
import { specifiedOperations } from "../support/specified-operations.js";

interface Spec {
  readonly id: string;
  readonly answer: Shape;
}

const specs = Object.values(operations).map(({ spec }): Spec => ({ id: spec.id, answer: spec.answer }));
const specified = whyNoSpecification === null ? specifiedOperations() : [];

describe.skipIf(whyNoSpecification !== null)(
  `an answer with fields and words that nobody knows (${whyNoSpecification ?? "made after openapi.yaml"})`,
  () => {
    it.each(
      specified.flatMap(({ id, answer }) => {
        const spec = specs.find((one) => one.id === id);
        return answer === null || spec === undefined ? [] : [{ id, schema: answer, spec }];
      }),
    )("of $id is read, and loses none of them", ({ schema, spec }) => {
      fc.assert(
        fc.property(answers(schema, { unknown: true }), (answer) => {
          const parsed = spec.answer.parse(answer, spec.id);
          const kept = new Map(unknownKeys(parsed).map((found) => [found.key, found]));
          for (const { key, depth, free } of unknownKeys(answer, spec.answer.keys)) {
            const found = kept.get(key);
            // Beside what is known, one level down in `extra`; in JSON of any form where it stood.
            expect(found, key).toBeDefined();
            if (free) expect(found!.depth).toBe(depth);
            else expect([found!.holder, found!.depth > depth]).toEqual(["extra", true]);
          }
          const text = JSON.stringify(parsed);
          for (const [word] of JSON.stringify(answer).matchAll(wordPattern)) expect(text).toContain(word);
        }),
        { numRuns: 40 },
      );
    });
  },
);

const wordPattern = new RegExp(`${UNKNOWN_WORD}\\d+\\.`, "g");

interface Found {
  readonly key: string;
  readonly depth: number;
  /** The key under which its object stands. */
  readonly holder: string;
  /** Whether it stands in JSON of any form. */
  readonly free: boolean;
}

function unknownKeys(value: unknown, keys?: Keys, depth = 0, holder = "", free = false): readonly Found[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one: unknown) => unknownKeys(one, keys, depth + 1, holder, free));
  const isFree = free || keys === "free";
  return Object.entries(value).flatMap(([key, one]) => {
    if (key.startsWith(UNKNOWN_KEY)) return [{ key, depth, holder, free: isFree }];
    const inner = keys === undefined || keys === "free" ? keys : (keys[key] ?? keys["*"]);
    return unknownKeys(one, inner, depth + 1, key, isFree);
  });
}
