import { Decimal } from "decimal.js";
import type { Count } from "../../units/count.js";
import type { Price } from "../../units/price.js";
import { HOUR, parseTime, type Timestamp } from "../../units/time.js";
import { momentsOf, NEW_YORK, offsetIn } from "../../units/zone.js";
import { badLine } from "../csv.js";
import type { Notes } from "./notes.js";

/** What one unit of a money column is, in micro-dollars. */
export const units = { dollars: 1_000_000, cents: 10_000 } as const;

/** Where a cell stands, for errors and notes. */
export interface Cell {
  readonly text: string;
  readonly line: number;
  readonly column: string;
}

const PLAIN = /^([+-]?)\$?(\d+(?:\.\d*)?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d*)?)(e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?\s*(Z|UTC|E[SD]?T|[+-]\d{2}:?\d{2})?$/i;
const zones: Readonly<Record<string, string>> = { Z: "Z", UTC: "Z", EST: "-05:00", EDT: "-04:00", ET: "" };

/** Reads the cells of one file. What is not read as it stands is noted. */
export class Cells {
  readonly #path: string;
  readonly #notes: Notes;

  constructor(path: string, notes: Notes) {
    this.#path = path;
    this.#notes = notes;
  }

  /** An amount of money, given how many micro-dollars one of its units is; to the nearest micro-dollar. @throws KalshiError `BAD_LINE` */
  money(cell: Cell, unit: number): Price {
    const micros = this.#decimal(cell, "an amount of money").times(unit);
    const rounded = micros.round();
    if (!rounded.eq(micros)) this.#notes.add(`\`${cell.column}\` is rounded to a micro-dollar`, cell.line);
    return this.#whole(cell, rounded, "an amount of money");
  }

  /** A number of contracts. @throws KalshiError `BAD_LINE` */
  count(cell: Cell): Count {
    const hundredths = this.#decimal(cell, "a number of contracts").times(100);
    if (hundredths.lt(0) || !hundredths.isInteger()) throw this.#bad(cell, "a number of contracts");
    return this.#whole(cell, hundredths, "a number of contracts");
  }

  /**
   * A moment. Without an offset it is what the clocks of New York showed: in the hour that they go through twice, the first time; in the hour
   * that they leave out, an hour later.
   *
   * @throws KalshiError `BAD_LINE`
   */
  time(cell: Cell): Timestamp {
    const text = cell.text.trim();
    const [, date, minute, rest = ":00", zone = ""] =
      MOMENT.exec(text) ?? (DATE.test(text) ? [text, text, "00:00"] : []);
    if (date === undefined) throw this.#bad(cell, "a time");
    const offset = zones[zone.toUpperCase()] ?? zone;
    try {
      const shown = parseTime(`${date}T${minute}${rest.slice(0, 10)}${offset === "" ? "Z" : offset}`);
      return offset === "" ? this.#inNewYork(cell, shown) : shown;
    } catch {
      // The caller wants file, line and column, which the unit's own error cannot tell.
      throw this.#bad(cell, "a time");
    }
  }

  #inNewYork({ line, column }: Cell, shown: Timestamp): Timestamp {
    const moments = momentsOf(NEW_YORK, shown);
    if (moments.length === 1) {
      this.#notes.add(`\`${column}\` has no offset and is read as New York's time`, line);
      return moments[0]!;
    }
    if (moments.length === 2) {
      this.#notes.add(`\`${column}\` is in the hour that New York goes through twice; read as the first time`, line);
      return moments[0]!;
    }
    this.#notes.add(`\`${column}\` is in the hour that New York leaves out; read as an hour later`, line);
    return shown - offsetIn(NEW_YORK, shown - 3 * HOUR);
  }

  #decimal(cell: Cell, what: string): Decimal {
    const [, sign, digits, power = ""] = PLAIN.exec(cell.text.trim()) ?? [];
    if (digits === undefined) throw this.#bad(cell, what);
    return new Decimal(`${sign}${digits.replaceAll(",", "")}${power}`);
  }

  #whole(cell: Cell, value: Decimal, what: string): number {
    const number = value.toNumber();
    if (!Number.isSafeInteger(number)) throw this.#bad(cell, what);
    return number === 0 ? 0 : number;
  }

  #bad({ text, line, column }: Cell, what: string): Error {
    return badLine(this.#path, line, column, `${JSON.stringify(text.slice(0, 60))} is not ${what}`);
  }
}
