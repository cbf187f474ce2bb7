import type { Kind } from "../exchange/field.js";
import { compareText, mix, TableColumn } from "./columns.js";

/** Codes of a dictionary: as narrow as the number of texts allows. Code 0 is the absent value. */
export type Codes = Uint8Array | Uint16Array | Uint32Array;

/** What arquero's groupby keeps: a group for every row, an example row for every group. */
interface Groups {
  readonly keys: Uint32Array;
  readonly get: readonly ((row: number) => string | null)[];
  readonly names: string[];
  readonly rows: Uint32Array;
  readonly size: number;
}

/** No row has this code, so that a comparison with an unknown text is false and its negation true. */
const NOWHERE = 0xffffffff;

/** Texts as codes into a dictionary. Kinds `text`, `json`, and `uuid` where some value is no canonical UUID. */
export class TextColumn extends TableColumn<string> {
  readonly codes: Codes;
  /** Text of every code; at 0, which means absent, stands an empty text. */
  readonly texts: readonly string[];
  #codeOf: Map<string, number> | null = null;
  #ranks: Uint32Array | null = null;

  constructor(kind: Kind, about: string, codes: Codes, texts: readonly string[]) {
    super(kind, about);
    this.codes = codes;
    this.texts = texts;
  }

  get length(): number {
    return this.codes.length;
  }

  at(row: number): string | null {
    const code = this.codes[row];
    return code === undefined || code === 0 ? null : this.texts[code]!;
  }

  /** For arquero: the code of a row. */
  key(row: number): number {
    return this.codes[row]!;
  }

  /** For arquero: the code of a value, so that `d => d.side === "yes"` compares integers. Never negative. */
  keyFor(value: unknown): number {
    if (value === null) return 0;
    if (typeof value !== "string") return NOWHERE;
    if (this.#codeOf === null) {
      this.#codeOf = new Map();
      for (let code = 1; code < this.texts.length; code += 1) this.#codeOf.set(this.texts[code]!, code);
    }
    return this.#codeOf.get(value) ?? NOWHERE;
  }

  /** For arquero: grouping by this column alone, groups in order of first appearance. */
  groups(names: string[]): Groups {
    const groupOf = new Uint32Array(this.texts.length);
    const keys = new Uint32Array(this.length);
    const rows: number[] = [];
    for (let row = 0; row < keys.length; row += 1) {
      const code = this.codes[row]!;
      let group = groupOf[code]!;
      if (group === 0) {
        rows.push(row);
        group = rows.length;
        groupOf[code] = group;
      }
      keys[row] = group - 1;
    }
    return { keys, get: [(row) => this.at(row)], names, rows: Uint32Array.from(rows), size: rows.length };
  }

  take(rows: Uint32Array): TextColumn {
    const { codes } = this;
    const taken = codesLike(codes, rows.length);
    for (let at = 0; at < rows.length; at += 1) taken[at] = codes[rows[at]!]!;
    return new TextColumn(this.kind, this.about, taken, this.texts);
  }

  takeOrNull(rows: Int32Array): TextColumn {
    const { codes } = this;
    const taken = codesLike(codes, rows.length);
    for (let at = 0; at < rows.length; at += 1) taken[at] = rows[at]! < 0 ? 0 : codes[rows[at]!]!;
    return new TextColumn(this.kind, this.about, taken, this.texts);
  }

  share(about: string = this.about): TextColumn {
    return new TextColumn(this.kind, about, this.codes, this.texts);
  }

  compare(a: number, b: number): number {
    const x = this.codes[a]!;
    const y = this.codes[b]!;
    if (x === y) return 0;
    if (x === 0 || y === 0) return x === 0 ? 1 : -1;
    this.#ranks ??= ranks(this.texts);
    return this.#ranks[x]! - this.#ranks[y]!;
  }

  hash(row: number): number {
    return mix(this.codes[row]!);
  }
}

function codesLike(codes: Codes, length: number): Codes {
  if (codes instanceof Uint8Array) return new Uint8Array(length);
  return codes instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length);
}

/** The place of every text in the order of the texts. */
function ranks(texts: readonly string[]): Uint32Array {
  const order = texts.map((_, code) => code).sort((a, b) => compareText(texts[a]!, texts[b]!));
  const places = new Uint32Array(texts.length);
  for (const [place, code] of order.entries()) places[code] = place;
  return places;
}
