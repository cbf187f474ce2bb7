import { setImmediate as turn } from "node:timers/promises";
import { asObject } from "../exchange/field.js";
import type { Frame } from "../frames/frame.js";
import { keyText } from "../frames/row-order.js";
import { parseUuid } from "../frames/uuid-column.js";
import { valueReader } from "../frames/value-reader.js";
import { KeyFilter } from "./key-filter.js";

/** What has to be known of rows before the first of them is written. */
export interface Survey {
  readonly rows: number;
  /** Columns of UUIDs that hold a value which is none, and so are texts. */
  readonly texts: ReadonlySet<string>;
  /** Whether each key stands once. */
  readonly unique: boolean;
}

/**
 * Looks through rows that ascend, equal ones dropped. Each key stands once then unless a record came with two places in the order, which
 * a filter suspects and a second look decides.
 *
 * @param expected - how many rows there are at most
 * @throws KalshiError `BAD_RECORD`, and what reading the rows throws
 */
export async function survey(
  frame: Frame,
  source: () => Iterable<readonly unknown[]>,
  expected: number,
): Promise<Survey> {
  const isText = uuidCheck(frame);
  const keyOf = keyText(frame);
  const filter = keyOf === null ? null : new KeyFilter(expected);
  const suspects = new Set<string>();
  let rows = 0;
  try {
    for (const chunk of source()) {
      for (const row of chunk) {
        isText.look(row);
        if (keyOf === null || filter === null) continue;
        const key = keyOf(row);
        if (filter.add(key)) suspects.add(key);
      }
      rows += chunk.length;
      // Others have their turn, and what the binding of the engine frees only then is freed.
      await turn();
    }
  } finally {
    filter?.release();
  }
  const unique = keyOf === null || suspects.size === 0 || (await eachOnce(source, keyOf, suspects));
  return { rows, texts: isText.columns, unique };
}

/** Whether each of some keys stands once. */
async function eachOnce(
  source: () => Iterable<readonly unknown[]>,
  keyOf: (row: unknown) => string,
  keys: ReadonlySet<string>,
): Promise<boolean> {
  const seen = new Set<string>();
  for (const chunk of source()) {
    for (const row of chunk) {
      const key = keyOf(row);
      if (!keys.has(key)) continue;
      if (seen.has(key)) return false;
      seen.add(key);
    }
    await turn();
  }
  return true;
}

/** Finds the columns of UUIDs that are texts. */
function uuidCheck({ noun, fields }: Frame): { look: (row: unknown) => void; columns: Set<string> } {
  const columns = new Set<string>();
  const scratch = new Uint8Array(16);
  const readers = Object.entries(fields).flatMap(([name, field]) =>
    field.kind === "uuid" ? [{ name, read: valueReader(noun, name, field) }] : [],
  );
  const look = (row: unknown): void => {
    const object = asObject(noun, row);
    for (const { name, read } of readers) {
      const value = read(object);
      if (value !== null && !parseUuid(String(value), scratch, 0)) columns.add(name);
    }
  };
  return { look, columns };
}
