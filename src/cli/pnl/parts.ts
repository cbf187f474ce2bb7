import { type ColumnTable, escape as unescaped } from "arquero";
import { withDates } from "../../analysis/dates.js";
import type { Profit } from "../../analysis/profit/pnl.js";
import { formatOf } from "../../datasets/copy.js";
import { saveTable } from "../../datasets/write.js";
import { KalshiError } from "../../errors.js";
import { exactSum } from "../../frames/exact.js";
import { fromMillis } from "../../units/time.js";
import { dateIn } from "../../units/zone.js";
import { say } from "../output.js";

/** Tables to show (`true`) or to save (a path), and how their dates are to be read. */
export interface PartFlags {
  readonly events?: string | true;
  readonly lots?: string | true;
  readonly openLots?: string | true;
  readonly cash?: string | true;
  readonly zone?: string;
  readonly year?: string;
}

/** A table asked for, by the name it has in JSON, and where it goes. */
interface Part {
  readonly name: string;
  readonly table: ColumnTable;
  readonly to: string | true;
}

/**
 * The tables asked for.
 *
 * @throws KalshiError `FILE_FORMAT` for a file that cannot be written; `BAD_ARGUMENT` for a zone or a year that is none, or that is for nothing
 */
export function partsOf(profit: Profit, flags: PartFlags): readonly Part[] {
  const { events, lots, openLots, cash, zone, year } = flags;
  if (zone !== undefined && lots === undefined && openLots === undefined)
    throw forNothing("--zone", "--lots or --open-lots");
  if (year !== undefined && lots === undefined) throw forNothing("--year", "--lots");
  for (const to of [events, lots, openLots, cash]) if (typeof to === "string") formatOf(to);
  const dated = (table: ColumnTable): ColumnTable => (zone === undefined ? table : withDates(table, zone));
  const asked = [
    ["events", events, () => profit.events],
    ["lots", lots, () => dated(ofYear(profit.lots, flags))],
    ["open_lots", openLots, () => dated(profit.openLots)],
    ["cash", cash, () => profit.cash],
  ] as const;
  return asked.flatMap(([name, to, table]) => (to === undefined ? [] : [{ name, table: table(), to }]));
}

/** Saves those that have a file; gives the others, which are to be shown. */
export async function saveParts(parts: readonly Part[]): Promise<readonly Part[]> {
  for (const { table, to } of parts) {
    if (to === true) continue;
    const saved = await saveTable(table, to);
    say(`${saved.path}: ${saved.rows.toLocaleString("en-US")} rows${sums(table)}`);
  }
  return parts.filter(({ to }) => to === true);
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

function forNothing(flag: string, needs: string): KalshiError {
  return new KalshiError("BAD_ARGUMENT", `${flag} without ${needs}`, {
    hint: `${flag} is about lots: add ${needs}, alone or with a file`,
  });
}

/** What a file of lots adds up to, so that it can be checked against others. */
function sums(table: ColumnTable): string {
  const names = table.columnNames();
  const added = ["cost", "proceeds", "realized", "open_fees", "fees", "net"].filter((name) => names.includes(name));
  return names.includes("open_price")
    ? `; ${added.map((name) => `${name} ${exactSum(table, name).toFixed(6)}`).join("  ")}`
    : "";
}
