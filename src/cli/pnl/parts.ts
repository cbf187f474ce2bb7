import { type ColumnTable, escape as unescaped } from "arquero";
import { withDates } from "../../analysis/dates.js";
import type { Profit } from "../../analysis/profit/pnl.js";
import { saveTable } from "../../datasets/write.js";
import { KalshiError } from "../../errors.js";
import { exactSum } from "../../frames/exact.js";
import { fromMillis } from "../../units/time.js";
import { dateIn } from "../../units/zone.js";
import { jsonRows } from "../json-rows.js";
import { printTable, say } from "../output.js";

/** Tables to show (`true`) or to save (a path), and how their dates are to be read. */
export interface PartFlags {
  readonly events?: string | true;
  readonly lots?: string | true;
  readonly openLots?: string | true;
  readonly cash?: string | true;
  readonly zone?: string;
  readonly year?: string;
}

/** The tables asked for, by the names they have in JSON. */
export function partsOf(
  profit: Profit,
  flags: PartFlags,
): ReadonlyMap<string, { table: ColumnTable; to: string | true }> {
  const { events, lots, openLots, cash, zone } = flags;
  const dated = (table: ColumnTable): ColumnTable => (zone === undefined ? table : withDates(table, zone));
  const asked = [
    ["events", events, () => profit.events],
    ["lots", lots, () => dated(ofYear(profit.lots, flags))],
    ["open_lots", openLots, () => dated(profit.openLots)],
    ["cash", cash, () => profit.cash],
  ] as const;
  return new Map(asked.flatMap(([name, to, table]) => (to === undefined ? [] : [[name, { table: table(), to }]])));
}

/** Saves what is to be saved, and prints the rest; in JSON it is given back to be printed with the profit. */
export async function giveParts(
  parts: ReturnType<typeof partsOf>,
  json: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  const shown: Record<string, unknown> = {};
  for (const [name, { table, to }] of parts) {
    if (to !== true) {
      const saved = await saveTable(table, to);
      say(`${saved.path}: ${saved.rows.toLocaleString("en-US")} rows${sums(table)}`);
    } else if (json) shown[name] = jsonRows(table);
    else printTable(table, false, 50);
  }
  return shown;
}

/** Lots closed in a calendar year of the zone. */
function ofYear(lots: ColumnTable, { year, zone = "UTC" }: PartFlags): ColumnTable {
  if (year === undefined) return lots;
  if (!/^\d{4}$/.test(year)) {
    throw new KalshiError("BAD_ARGUMENT", `--year ${year} is no year`, { hint: "such as --year 2026" });
  }
  return lots.filter(
    unescaped((lot: { closed_time: number }) => dateIn(zone, fromMillis(lot.closed_time)).startsWith(year)),
  );
}

/** What a file of lots adds up to, so that it can be checked against others. */
function sums(table: ColumnTable): string {
  const names = table.columnNames();
  const added = ["cost", "proceeds", "realized", "open_fees", "fees", "net"].filter((name) => names.includes(name));
  return names.includes("open_price")
    ? `; ${added.map((name) => `${name} ${exactSum(table, name).toFixed(6)}`).join("  ")}`
    : "";
}
