import { KalshiError } from "../errors.js";

/** One record of a CSV file. */
export interface CsvRow {
  /** An unquoted empty field is null. */
  readonly fields: readonly (string | null)[];
  /** Line on which it begins, the first being 1. */
  readonly line: number;
}

const COMMA = 44;
const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;

/**
 * The records of CSV text (RFC 4180) that comes in pieces cut anywhere. Lines end in LF or CRLF; a final one needs none.
 *
 * @throws KalshiError `BAD_LINE`
 */
export async function* readCsvRows(path: string, pieces: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  const state = new Scanner(path);
  for await (const piece of pieces) yield* state.scan(piece);
  yield* state.end();
}

/** Keeps the unfinished record between two pieces. */
class Scanner {
  readonly #path: string;
  #rest = "";
  #line = 1;

  constructor(path: string) {
    this.#path = path;
  }

  *scan(piece: string): Generator<CsvRow> {
    const text = this.#rest + piece;
    let at = 0;
    for (;;) {
      const record = this.#record(text, at, false);
      if (record === null) break;
      yield record.row;
      at = record.end;
      this.#line = record.line;
    }
    this.#rest = text.slice(at);
  }

  *end(): Generator<CsvRow> {
    if (this.#rest === "") return;
    const record = this.#record(this.#rest, 0, true);
    if (record !== null) yield record.row;
  }

  /** The record that begins at `from`; null when the text ends within it and is not `whole`. */
  #record(text: string, from: number, whole: boolean): { row: CsvRow; end: number; line: number } | null {
    const fields: (string | null)[] = [];
    const first = this.#line;
    let line = first;
    let at = from;
    for (;;) {
      let field: string | null;
      if (text.charCodeAt(at) === QUOTE) {
        const close = closingQuote(text, at + 1);
        // A quote at the very end may be the first of two.
        if (close < 0 || (close + 1 === text.length && !whole)) {
          if (whole) throw this.#bad(first, "a quote is never closed");
          return null;
        }
        const inner = text.slice(at + 1, close);
        for (let place = inner.indexOf("\n"); place >= 0; place = inner.indexOf("\n", place + 1)) line += 1;
        field = inner.includes('"') ? inner.replaceAll('""', '"') : inner;
        at = close + 1;
      } else {
        const end = endOfPlain(text, at);
        if (end === text.length && !whole) return null;
        field = end === at ? null : text.slice(at, end);
        at = end;
      }
      fields.push(field);
      const next = text.charCodeAt(at);
      if (next === COMMA) {
        at += 1;
        continue;
      }
      if (next === RETURN && text.charCodeAt(at + 1) === NEWLINE) return this.#done(fields, first, at + 2, line + 1);
      if (next === NEWLINE) return this.#done(fields, first, at + 1, line + 1);
      if (at === text.length && whole) return this.#done(fields, first, at, line);
      if (at + 1 >= text.length && !whole) return null;
      throw this.#bad(line, "text after a closing quote");
    }
  }

  #done(
    fields: (string | null)[],
    first: number,
    end: number,
    line: number,
  ): { row: CsvRow; end: number; line: number } {
    return { row: { fields, line: first }, end, line };
  }

  #bad(line: number, why: string): KalshiError {
    return new KalshiError("BAD_LINE", `${this.#path}, line ${line}: ${why}`, {
      hint: "mend the line or write the file again; nothing of it was read",
      context: { path: this.#path, line },
    });
  }
}

/** Place of the quote that ends a field whose text begins at `at`; -1 when there is none. */
function closingQuote(text: string, at: number): number {
  let quote = text.indexOf('"', at);
  while (quote >= 0 && text.charCodeAt(quote + 1) === QUOTE) quote = text.indexOf('"', quote + 2);
  return quote;
}

/** Place of the comma or line end after an unquoted field. */
function endOfPlain(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === NEWLINE) return at;
    if (code === RETURN && (at + 1 === text.length || text.charCodeAt(at + 1) === NEWLINE)) {
      // A carriage return at the end of a piece may belong to the line end: more has to be read.
      return at + 1 === text.length ? text.length : at;
    }
  }
  return at;
}
