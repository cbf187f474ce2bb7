import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { ColumnTable } from "arquero";
import { KalshiError, messageOf, systemCode } from "../errors.js";
import { type Frame, tableOfRaw } from "../frames/frame.js";
import { formatOf } from "./copy.js";
import { readTable } from "./read.js";

/**
 * Reads a file of records into a table: CSV, Parquet or Arrow of ours, or the exchange's own objects as NDJSON, as a JSON list, or as a whole
 * answer that holds the list; `.gz` accepted.
 *
 * @param list - key of the list in an answer of the exchange, such as `fills`
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE` naming file and line, `BAD_RECORD`, `LEGACY_FIELDS`
 */
export async function readRecords(frame: Frame, path: string, list: string): Promise<ColumnTable> {
  if (/\.(csv|parquet|arrow)$/i.test(path)) {
    formatOf(path);
    return readTable(path);
  }
  return tableOfRaw(frame, parseObjects(await readText(path), path, list));
}

function parseObjects(text: string, path: string, list: string): readonly unknown[] {
  const whole = tryJson(text);
  if (Array.isArray(whole)) return whole as unknown[];
  if (typeof whole === "object" && whole !== null) {
    const items = (whole as Readonly<Record<string, unknown>>)[list];
    return Array.isArray(items) ? (items as unknown[]) : [whole];
  }
  return text
    .split("\n")
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, number }) => {
      try {
        return JSON.parse(line) as unknown;
      } catch (error) {
        throw new KalshiError("BAD_LINE", `${path}:${number}: not a JSON object (${messageOf(error)})`, {
          hint: "mend or remove that line; each line of the file is one object",
          context: { path, line: number },
          cause: error,
        });
      }
    });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const missing = systemCode(error) === "ENOENT";
    throw new KalshiError(
      missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE",
      `cannot read ${path}${missing ? "" : `: ${messageOf(error)}`}`,
      {
        hint: missing ? "check the path" : "check the file and its permissions",
        context: { path },
        cause: error,
      },
    );
  }
}
