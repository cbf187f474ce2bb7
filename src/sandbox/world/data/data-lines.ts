import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { KalshiError, messageOf, systemCode } from "../../../errors.js";
import { parseCount } from "../../../units/count.js";
import { parsePrice } from "../../../units/price.js";
import { parseTime, type Timestamp } from "../../../units/time.js";

const unzip = promisify(gunzip);

/** One line of a data folder as an object, with readers that name file and line in what they throw. */
export class DataLine {
  readonly file: string;
  readonly number: number;
  readonly object: Readonly<Record<string, unknown>>;

  constructor(file: string, number: number, object: Readonly<Record<string, unknown>>) {
    this.file = file;
    this.number = number;
    this.object = object;
  }

  has(name: string): boolean {
    return this.object[name] !== undefined && this.object[name] !== null;
  }

  text(name: string): string {
    const value = this.object[name];
    if (typeof value !== "string") throw this.broken(`\`${name}\` ${this.#found(name)}, should be text`);
    return value;
  }

  time(name: string): Timestamp {
    return this.#unit(name, parseTime, "should be an RFC 3339 time");
  }

  price(name: string): number {
    return this.#unit(name, parsePrice, 'should be dollars as text, such as "0.5600"');
  }

  count(name: string): number {
    return this.#unit(name, parseCount, 'should be contracts as text, such as "10.00"');
  }

  numeric(name: string): number {
    const value = this.object[name];
    if (typeof value !== "number") throw this.broken(`\`${name}\` ${this.#found(name)}, should be a number`);
    return value;
  }

  /** What to throw about this line. */
  broken(what: string): KalshiError {
    return badLine(this.file, this.number, what);
  }

  #unit(name: string, parse: (text: string) => number, expectation: string): number {
    const value = this.object[name];
    try {
      if (typeof value === "string") return parse(value);
    } catch {
      // Told below, with file and line, which the unit's own error does not know.
    }
    const legacy = name.replace(/_(dollars|fp)$/, "");
    if (value === undefined && legacy !== name && typeof this.object[legacy] === "number") {
      throw this.broken(`\`${legacy}\` is of the shape before 2026; \`${name}\` ${expectation}`);
    }
    throw this.broken(`\`${name}\` ${this.#found(name)}, ${expectation}`);
  }

  #found(name: string): string {
    const value = this.object[name];
    return value === undefined ? "is missing" : `is ${JSON.stringify(value).slice(0, 60)}`;
  }
}

/**
 * Reads every line of a file of JSON lines, plain or, with `.gz` after its name, packed. Empty lines are passed over. Gives the
 * SHA-256 of what the file holds.
 *
 * @throws KalshiError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `BAD_LINE`
 */
export async function eachLine(folder: string, name: string, use: (line: DataLine) => void): Promise<string> {
  const { path, bytes } = await readEither(folder, name);
  let number = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    number += 1;
    const text = bytes.toString("utf8", start, end);
    if (text.trim() !== "") use(new DataLine(path, number, parseObject(path, number, text)));
    start = end + 1;
  }
  return createHash("sha256").update(bytes).digest("hex");
}

function parseObject(path: string, number: number, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badLine(path, number, `is no JSON: ${messageOf(cause)}`, cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badLine(path, number, "should be a JSON object");
  }
  return value as Readonly<Record<string, unknown>>;
}

async function readEither(folder: string, name: string): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
    try {
      const bytes = await readFile(path);
      return { path, bytes: path.endsWith(".gz") ? await unzip(bytes) : bytes };
    } catch (cause) {
      if (systemCode(cause) === "ENOENT" || systemCode(cause) === "ENOTDIR") continue;
      throw new KalshiError("FILE_UNREADABLE", `cannot read ${path}: ${messageOf(cause)}`, {
        hint: "check that the file is whole and that you may read it",
        context: { path },
        cause,
      });
    }
  }
  throw new KalshiError("FILE_NOT_FOUND", `no ${name} and no ${name}.gz in ${folder}`, {
    hint: "a data folder holds series.ndjson, events.ndjson, markets.ndjson and trades.ndjson, each plain or with .gz",
    context: { folder, name },
  });
}

function badLine(file: string, line: number, what: string, cause?: unknown): KalshiError {
  return new KalshiError("BAD_LINE", `${file}, line ${line}: ${what}`, {
    hint: `mend or remove line ${line}; every line is one JSON object in the exchange's present wire shape`,
    context: { file, line },
    cause,
  });
}
