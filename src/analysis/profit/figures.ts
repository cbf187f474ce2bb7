import type { ColumnTable } from "arquero";
import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { makeTable } from "../../frames/table.js";
import type { FillColumns } from "../fill-columns.js";

/** One figure of both sides: micro-dollars, or hundredths of contracts. */
export interface Figure {
  /** Null for what is of the whole account. */
  readonly ticker: string | null;
  readonly subaccount: number | null;
  readonly figure: string;
  readonly ours: number;
  readonly theirs: number;
  readonly kind: "contracts" | "dollars";
}

/** Micro-dollars to a hundredth of a contract: both kinds stand in one column, in their own unit. */
const MICROS_PER_COUNT = 10_000;

/** Figures of an account as they are compared. */
export class Figures {
  readonly #fills: FillColumns;
  readonly #all: Figure[] = [];

  constructor(fills: FillColumns) {
    this.#fills = fills;
  }

  add(figure: Figure): void {
    this.#all.push(figure);
  }

  /** All of them, and those that differ, which have the fills behind them. */
  tables(): { readonly all: ColumnTable; readonly differing: ColumnTable } {
    const told = this.#all.map((figure) => ({
      ...figure,
      fills: figure.ours === figure.theirs ? null : this.#fillsBehind(figure),
    }));
    return { all: tableOf(told), differing: tableOf(told.filter(({ fills }) => fills !== null)) };
  }

  /** Ids of the fills in a figure's market and subaccount, oldest first; their rows where they have no ids. */
  #fillsBehind({ ticker, subaccount }: Figure): string {
    const { length, market, tickers, account, id } = this.#fills;
    const behind: unknown[] = [];
    for (let row = 0; row < length && ticker !== null; row += 1) {
      if (tickers[market[row]!] !== ticker || (subaccount ?? account[row]) !== account[row]) continue;
      behind.push(id?.at(row) ?? row);
    }
    return JSON.stringify(behind);
  }
}

interface ToldFigure extends Figure {
  /** Null where both sides have the same. */
  readonly fills: string | null;
}

function tableOf(figures: readonly ToldFigure[]): ColumnTable {
  const values = (about: string, pick: (figure: Figure) => number) =>
    rawColumn(
      "dollars",
      about,
      figures.map((figure) => pick(figure) * (figure.kind === "contracts" ? MICROS_PER_COUNT : 1)),
    );
  return makeTable({
    ticker: columnFrom(
      "ticker",
      "text",
      "market; null for the whole account",
      figures.map((figure) => figure.ticker),
    ),
    subaccount_number: rawColumn(
      "integer",
      "null where the exchange does not tell",
      figures.map((figure) => figure.subaccount),
    ),
    figure: columnFrom(
      "figure",
      "text",
      "what is compared",
      figures.map((figure) => figure.figure),
    ),
    ours: values("from fills and settlements, $ or contracts", (figure) => figure.ours),
    theirs: values("as the exchange has it, $ or contracts", (figure) => figure.theirs),
    difference: values("ours − theirs", (figure) => figure.ours - figure.theirs),
    fills: columnFrom(
      "fills",
      "json",
      "ids of the fills behind a difference",
      figures.map((figure) => figure.fills),
    ),
  });
}
