import { Decimal } from "decimal.js";
import type { Kind } from "../exchange/field.js";
import { compareNulls, mix, type Nulls, TableColumn, takeNulls, takeNullsOrNull } from "./columns.js";

/** Integers of a column: 32 bits while they fit, float64 (exact to 2^53) beyond. */
export type Raw = Int32Array | Float64Array;

/** How numbers of a table read: doubles in dollars, contracts and milliseconds; `Decimal` objects; or the integers themselves. */
export type Numbers = "double" | "decimal" | "fixed";

/** What a unit of a kind is divided into: micro-dollars, hundredths of a contract, microseconds of a millisecond. */
export const scales: Readonly<Partial<Record<Kind, number>>> = { dollars: 1_000_000, contracts: 100, time: 1_000 };

/** The scale of a kind; 1 for kinds that are not divided. */
export function scaleOf(kind: Kind): number {
  return scales[kind] ?? 1;
}

/**
 * A view over integers: a value reads as the double nearest to `raw / scale` (one correctly rounded division of two exact
 * numbers). Kinds `dollars`, `contracts`, `time`, and with scale 1 `integer` and `number`.
 */
export class ScaledColumn<T = number> extends TableColumn<T> {
  /** The exact integers; 0 where the value is absent (see {@link nulls}). */
  readonly raw: Raw;
  readonly scale: number;
  readonly nulls: Nulls;

  constructor(kind: Kind, about: string, raw: Raw, nulls: Nulls = null) {
    super(kind, about);
    this.raw = raw;
    this.scale = scaleOf(kind);
    this.nulls = nulls;
  }

  get length(): number {
    return this.raw.length;
  }

  at(row: number): T | null {
    if (this.nulls !== null && this.nulls[row] === 1) return null;
    const raw = this.raw[row];
    return raw === undefined ? null : this.read(raw);
  }

  /** The exact integer of a row, or null. */
  rawAt(row: number): number | null {
    return this.nulls !== null && this.nulls[row] === 1 ? null : (this.raw[row] ?? null);
  }

  /** The same integers read otherwise. */
  reading(numbers: Numbers): ScaledColumn<unknown> {
    if (numbers === "fixed") return new FixedColumn(this.kind, this.about, this.raw, this.nulls);
    // Only amounts become Decimals: moments stay milliseconds.
    if (numbers === "decimal" && (this.kind === "dollars" || this.kind === "contracts")) {
      return new DecimalColumn(this.kind, this.about, this.raw, this.nulls);
    }
    return new ScaledColumn(this.kind, this.about, this.raw, this.nulls);
  }

  take(rows: Uint32Array): ScaledColumn<T> {
    const raw = this.raw instanceof Int32Array ? new Int32Array(rows.length) : new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) raw[at] = this.raw[rows[at]!]!;
    return this.with(raw, takeNulls(this.nulls, rows));
  }

  takeOrNull(rows: Int32Array): ScaledColumn<T> {
    const raw = this.raw instanceof Int32Array ? new Int32Array(rows.length) : new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) raw[at] = rows[at]! < 0 ? 0 : this.raw[rows[at]!]!;
    return this.with(raw, takeNullsOrNull(this.nulls, rows));
  }

  share(about: string = this.about): ScaledColumn<T> {
    return this.with(this.raw, this.nulls, about);
  }

  compare(a: number, b: number): number {
    if (this.nulls !== null && (this.nulls[a] === 1 || this.nulls[b] === 1)) {
      return compareNulls(this.nulls[a]!, this.nulls[b]!);
    }
    return this.raw[a]! - this.raw[b]!;
  }

  hash(row: number): number {
    const value = this.raw[row]!;
    return mix((value | 0) ^ Math.imul(Math.floor(value / 4294967296) | 0, 0x9e3779b1));
  }

  protected read(raw: number): T {
    return (raw / this.scale) as T;
  }

  protected with(raw: Raw, nulls: Nulls, about: string = this.about): ScaledColumn<T> {
    return new ScaledColumn<T>(this.kind, about, raw, nulls);
  }
}

/** A scaled column that reads as its integers. */
export class FixedColumn extends ScaledColumn<number> {
  protected override read(raw: number): number {
    return raw;
  }

  protected override with(raw: Raw, nulls: Nulls, about: string = this.about): FixedColumn {
    return new FixedColumn(this.kind, about, raw, nulls);
  }
}

/** A scaled column that reads as `Decimal` objects, one object per distinct value so that grouping finds equal ones. */
export class DecimalColumn extends ScaledColumn<Decimal> {
  readonly #made = new Map<number, Decimal>();

  protected override read(raw: number): Decimal {
    let made = this.#made.get(raw);
    if (made === undefined) {
      made = new Decimal(raw).div(this.scale);
      this.#made.set(raw, made);
    }
    return made;
  }

  protected override with(raw: Raw, nulls: Nulls, about: string = this.about): DecimalColumn {
    return new DecimalColumn(this.kind, about, raw, nulls);
  }
}

/**
 * The integer of which a double is the nearest reading (`value = nearest(integer / scale)`), or null when there is none: the
 * value is finer than the scale, or so large that two integers read alike.
 */
export function integerOf(value: number, scale: number): number | null {
  const near = Math.round(value * scale);
  if (!Number.isSafeInteger(near)) return null;
  let found: number | null = null;
  for (let candidate = near - 1; candidate <= near + 1; candidate += 1) {
    if (candidate / scale !== value) continue;
    if (found !== null) return null;
    found = candidate;
  }
  return found === 0 ? 0 : found;
}
