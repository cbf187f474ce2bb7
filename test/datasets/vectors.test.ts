import type { DuckDBValue, DuckDBVector } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { readerFor } from "../../src/datasets/readers.js";
import { writerFor } from "../../src/datasets/vectors.js";
import { always, type Kind, maybe } from "../../src/exchange/field.js";
import { tableBuilder } from "../../src/frames/builder.js";
import { typedColumns } from "../../src/frames/schema.js";

/** A vector without the memory that the binding's own ones let one look into: only setters and getters. */
class PlainVector {
  readonly #values: DuckDBValue[] = [];

  setItem(at: number, value: DuckDBValue): void {
    this.#values[at] = value;
  }

  getItem(at: number): DuckDBValue {
    return this.#values[at] ?? null;
  }
}

describe("vectors of the engine", () => {
  it("are written and read through their setters and getters when their memory is out of reach", async () => {
    const fields = Object.fromEntries(
      (
        ["dollars", "contracts", "time", "text", "uuid", "integer", "number", "boolean", "json"] satisfies Kind[]
      ).flatMap((kind) => [
        [`a_${kind}`, always(kind, `a_${kind}`, kind)] as const,
        [`m_${kind}`, maybe(kind, `m_${kind}`, kind)] as const,
      ]),
    );
    const values = {
      dollars: "-12.345678",
      contracts: "90000000000000.25",
      time: "1969-11-01T09:00:00.000001Z",
      text: "x",
      uuid: "0f0e0d0c-0b0a-4908-8706-050403020100",
      integer: -(2 ** 52),
      number: 1 / 3,
      boolean: true,
      json: { deep: [1] },
    };
    const filled = Object.entries(values).flatMap(([kind, value]) => [
      [`a_${kind}`, value],
      [`m_${kind}`, value],
    ]);
    const sparse = Object.entries(values).map(([kind, value]) => [`a_${kind}`, value]);
    const builder = tableBuilder("thing", fields);
    builder.add([Object.fromEntries(filled), Object.fromEntries(sparse)]);
    for (const [name, column] of Object.entries(typedColumns(builder.finish()))) {
      for (const enums of [false, true]) {
        const writer = await writerFor(column, enums);
        const vector = new PlainVector() as unknown as DuckDBVector;
        writer.fill(vector, column, 0, 2);
        const type = column.kind === "time" ? "BIGINT" : writer.isEnum ? "VARCHAR" : writer.sql;
        const reader = readerFor({ name, kind: column.kind, about: "" }, type, 2);
        // Times leave the engine as whole microseconds.
        const source = column.kind === "time" ? microsOf(vector) : vector;
        reader.read(source, 0, 2);
        expect(reader.column().toArray(), name).toEqual(column.toArray());
      }
    }
  });
});

function microsOf(vector: DuckDBVector): DuckDBVector {
  const plain = new PlainVector();
  for (const at of [0, 1]) {
    const value: unknown = vector.getItem(at);
    plain.setItem(at, value === null ? null : (Reflect.get(value as object, "micros") as bigint));
  }
  return plain as unknown as DuckDBVector;
}
