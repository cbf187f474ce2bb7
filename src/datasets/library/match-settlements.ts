import type { DuckDBConnection } from "@duckdb/node-api";
import { settlementsFrame } from "../../frames/settlements.js";
import { quoted } from "../duckdb.js";

const SUBACCOUNT = "subaccount_number";
const all: readonly string[] = settlementsFrame.key;
const allButSubaccount = all.filter((name) => name !== SUBACCOUNT);

/** SQL that says whether `fresh` and `held` are alike in all but whose they are. */
export const isSameButSubaccount = allButSubaccount
  .map((name) => `fresh.${quoted(name)} IS NOT DISTINCT FROM held.${quoted(name)}`)
  .join(" AND ");

interface Pass {
  /** Columns that are alike in both. */
  readonly alike: readonly string[];
  /** Whether it is named which subaccount a row is of; left out where that does not matter. */
  readonly named?: { readonly held: boolean; readonly fresh: boolean };
  /** Only where no other row could be meant. */
  readonly alone?: boolean;
}

/**
 * From the surest on. A settlement has no id: its market, time and subaccount tell it, and where several have these alike, what they paid. One
 * that no subaccount is named of is of any: it was told to a key that may not see them. An answer that names them is of all of them, so that it
 * takes the place of what was told without.
 */
const passes: readonly Pass[] = [
  { alike: all },
  { alike: ["settled_time", "ticker", SUBACCOUNT], named: { held: true, fresh: true } },
  { alike: allButSubaccount, named: { held: false, fresh: true } },
  { alike: allButSubaccount, named: { held: true, fresh: false } },
  { alike: ["settled_time", "ticker"], named: { held: false, fresh: false } },
  { alike: ["settled_time", "ticker"], named: { held: false, fresh: true } },
  { alike: ["settled_time", "ticker"], named: { held: true, fresh: false }, alone: true },
];

/**
 * Pairs the settlements that are held of a day with those that are told of it: `held.__match` is then the `fresh.__row` of the same one, null
 * where none is. `held.__again` marks what stands a second time, without its subaccount, beside one that names it. A settlement whose subaccount is known
 * keeps it, though it is told without.
 *
 * @param connection - with the tables `held`, and `fresh` whose rows are numbered by `__row`
 */
export async function matchSettlements(connection: DuckDBConnection): Promise<void> {
  await connection.run("ALTER TABLE held ADD COLUMN __match BIGINT");
  await connection.run("ALTER TABLE held ADD COLUMN __again BOOLEAN DEFAULT false");
  for (const pass of passes) await connection.run(pairing(pass));
  await connection.run(
    `UPDATE held SET __again = true FROM fresh WHERE held.__match IS NULL AND held.${SUBACCOUNT} IS NULL
     AND fresh.${SUBACCOUNT} IS NOT NULL AND ${isSameButSubaccount}`,
  );
  await connection.run(
    `UPDATE fresh SET ${SUBACCOUNT} = held.${SUBACCOUNT} FROM held WHERE held.__match = fresh.__row AND fresh.${SUBACCOUNT} IS NULL`,
  );
}

function pairing({ alike, named, alone = false }: Pass): string {
  const rows = (table: string, id: string, isFree: string, isNamed: boolean | undefined): string => {
    const which = isNamed === undefined ? "" : ` AND ${SUBACCOUNT} IS ${isNamed ? "NOT " : ""}NULL`;
    const one = alone ? ` QUALIFY count(*) OVER (PARTITION BY ${list(alike)}) = 1` : "";
    return `(SELECT ${id} AS __id, ${list(alike)}, row_number() OVER (PARTITION BY ${list(alike)} ORDER BY ${list(all)}) AS __nth
      FROM ${table} WHERE ${isFree}${which}${one})`;
  };
  const isSame = [...alike, "__nth"].map((name) => `h.${quoted(name)} IS NOT DISTINCT FROM f.${quoted(name)}`);
  const isLeft = "__row NOT IN (SELECT __match FROM held WHERE __match IS NOT NULL)";
  return `UPDATE held SET __match = pair.__row FROM (
      SELECT h.__id, f.__id AS __row FROM ${rows("held", "rowid", "__match IS NULL", named?.held)} h
      JOIN ${rows("fresh", "__row", isLeft, named?.fresh)} f ON ${isSame.join(" AND ")}
    ) pair WHERE held.rowid = pair.__id`;
}

function list(names: readonly string[]): string {
  return names.map(quoted).join(", ");
}
