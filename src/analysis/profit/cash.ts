import type { ColumnTable } from "arquero";
import { columnFrom } from "../../frames/convert.js";
import { rawColumn } from "../../frames/raw-column.js";
import { makeTable } from "../../frames/table.js";
import type { Price } from "../../units/price.js";
import { toMicros } from "../../units/sum.js";
import type { Account } from "./account.js";

/**
 * Where the money went: what closing and settling brought, less what opening cost and fees, is the change of balance; with the value of what
 * is held it makes the net profit. Each contract in its own side's price, as the exchange books it; collateral that it returns across the
 * markets of an event, and money paid in or out, come on top.
 *
 * Columns: `line`; `dollars`, signed as it moves the balance ($).
 */
export function cashTable({ total, decimals }: Account): ColumnTable {
  const { paid, received, settled, fees, value } = total;
  const change = received + settled - paid - fees;
  const lines: readonly (readonly [line: string, bigint])[] = [
    ["paid to open", -paid],
    ["received for closing", received],
    ["received at settlement", settled],
    ["fees", -fees],
    ["change of balance", change],
    ["value of what is held", value],
    ["net profit", change + value],
  ];
  return makeTable({
    line: columnFrom(
      "line",
      "text",
      "what moved",
      lines.map(([line]) => line),
    ),
    dollars: rawColumn(
      "dollars",
      "signed as it moves the balance, $",
      lines.map(([, amount]) => toMicros(amount, decimals)),
    ),
  });
}

/**
 * How money paid in becomes the balance, and the exchange's own balance below it; what is held stands last, at its cost.
 *
 * Columns: `line`; `dollars`, signed as it moves the balance ($).
 */
export function balanceTable(lines: readonly (readonly [line: string, micros: Price])[]): ColumnTable {
  return makeTable({
    line: columnFrom(
      "line",
      "text",
      "what moved, and what it comes to",
      lines.map(([line]) => line),
    ),
    dollars: rawColumn(
      "dollars",
      "signed as it moves the balance, $",
      lines.map(([, amount]) => amount),
    ),
  });
}
