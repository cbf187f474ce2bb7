import type { Kind } from "../exchange/field.js";

/** SQL that brings a column of a kind, of whatever type, into one of the few types that `readerFor` reads. */
export function castTo(kind: Kind, column: string, type: string): string {
  switch (kind) {
    case "dollars":
      return `${column}::DECIMAL(18,6)`;
    case "contracts":
      return `${column}::DECIMAL(18,2)`;
    case "time":
      return type === "DATE" ? `epoch_us(${column}::TIMESTAMP)` : `epoch_us(${column})`;
    case "integer":
      return `${column}::BIGINT`;
    case "number":
      return `${column}::DOUBLE`;
    case "boolean":
      return column;
    case "uuid":
      return type === "UUID" ? column : `${column}::VARCHAR`;
    case "json":
      return type === "VARCHAR" ? column : `to_json(${column})::VARCHAR`;
    case "text":
      return `${column}::VARCHAR`;
  }
}

/** SQL that brings a column of a kind, of whatever type, into the type that files have it in. */
export function storedAs(kind: Kind, column: string, type: string): string {
  if (kind !== "time") return castTo(kind, column, type);
  return `make_timestamptz(${castTo(kind, column, type)})`;
}
