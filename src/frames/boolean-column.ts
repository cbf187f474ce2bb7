import { mix, TableColumn } from "./columns.js";

/** A byte of a boolean column: 0 false, 1 true, 2 absent. */
export const ABSENT = 2;

/** Booleans as one byte each. */
export class BooleanColumn extends TableColumn<boolean> {
  /** 0 false, 1 true, 2 absent. */
  readonly bytes: Uint8Array;

  constructor(about: string, bytes: Uint8Array) {
    super("boolean", about);
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  at(row: number): boolean | null {
    const byte = this.bytes[row];
    return byte === undefined || byte === ABSENT ? null : byte === 1;
  }

  take(rows: Uint32Array): BooleanColumn {
    const bytes = new Uint8Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) bytes[at] = this.bytes[rows[at]!]!;
    return new BooleanColumn(this.about, bytes);
  }

  takeOrNull(rows: Int32Array): BooleanColumn {
    const bytes = new Uint8Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) bytes[at] = rows[at]! < 0 ? ABSENT : this.bytes[rows[at]!]!;
    return new BooleanColumn(this.about, bytes);
  }

  share(about: string = this.about): BooleanColumn {
    return new BooleanColumn(about, this.bytes);
  }

  compare(a: number, b: number): number {
    return this.bytes[a]! - this.bytes[b]!;
  }

  hash(row: number): number {
    return mix(this.bytes[row]!);
  }
}
