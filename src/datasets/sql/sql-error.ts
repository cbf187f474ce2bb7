import { KalshiError, messageOf } from "../../errors.js";

/** What the engine says of a statement when it is set to say it as JSON. */
interface EngineError {
  readonly type: string;
  readonly message: string;
  /** Bytes of the statement before the place it is about; null where it names none. */
  readonly position: number | null;
}

/**
 * What is wrong with a statement, in the engine's words, with line and column.
 *
 * @param names - what the statement could have named, for the hint
 */
export function sqlError(statement: string, error: unknown, names: readonly string[]): KalshiError {
  if (error instanceof KalshiError) return error;
  const { type, message, position } = engineErrorIn(messageOf(error));
  const at = position === null ? null : placeOf(statement, position);
  const where = at === null ? "" : `line ${at.line}, column ${at.column}: `;
  return new KalshiError("BAD_SQL", `${where}${oneLine(message)}`, {
    hint: hintFor(type, message, names),
    context: { type, ...(at ?? {}), ...(at === null ? {} : { near: nearOf(statement, at) }) },
    cause: error,
  });
}

/** What can be asked, where it was not asked for by a name that is there. */
function hintFor(type: string, message: string, names: readonly string[]): string {
  const tables =
    names.length === 0
      ? "there is no view: name a file ('trades.parquet'), a recording, or the folder of a library that `kalshi-lab sync` has filled"
      : `there are ${names.join(", ")}; a file is named in quotes: 'trades.parquet'`;
  if (type === "Catalog" && /^Catalog: Table/.test(message)) return tables;
  if (type === "IO") return `check the path; ${tables}`;
  if (/autoload|Extension/i.test(type)) return "files are read from this machine's disk alone";
  if (type === "Out of Memory") return "ask for fewer rows, or save to a file";
  return "it is DuckDB's SQL; DESCRIBE and a view's name tell its columns";
}

function engineErrorIn(text: string): EngineError {
  const begin = text.indexOf("{");
  if (begin >= 0) {
    try {
      const found = JSON.parse(text.slice(begin)) as Readonly<Record<string, unknown>>;
      const { exception_type: type, exception_message: message, position } = found;
      if (typeof message === "string") {
        const place = Number(position);
        return {
          type: String(type),
          message: `${String(type)}: ${message}`.replace(/^(\w+): \1 /, "$1 "),
          position: position === undefined || !Number.isSafeInteger(place) ? null : place,
        };
      }
    } catch {
      // A brace within a message of words.
    }
  }
  return { type: /^([\w ]+?) Error:/.exec(text)?.[1] ?? "unknown", message: text, position: null };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** The engine counts bytes of UTF-8, people characters of a line. */
function placeOf(statement: string, bytes: number): Place {
  const before = Buffer.from(statement).subarray(0, bytes).toString();
  const lines = before.split("\n");
  return { line: lines.length, column: [...lines.at(-1)!].length + 1 };
}

function nearOf(statement: string, { line, column }: Place): string {
  return [...(statement.split("\n")[line - 1] ?? "")].slice(column - 1, column + 39).join("");
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n+\s*/g, " ");
}
