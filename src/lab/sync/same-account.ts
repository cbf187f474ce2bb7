import { join } from "node:path";
import { literal, withConnection } from "../../datasets/duckdb.js";
import { dataFilesIn, partitionPath, partitionsIn } from "../../datasets/library/partition.js";
import { KalshiError } from "../../errors.js";
import { formatTime, type Timestamp } from "../../units/time.js";
import type { Lab } from "../lab.js";

/** Fills by which an account is told. */
const LOOKED_AT = 20;

/**
 * Makes sure that a library of another key is of the same account, as after a key was replaced: a fill belongs to one order, and an order to one
 * account. So the exchange must tell this key the last fills that the library has.
 *
 * @param stated - whoever asks says that it is: without fills nothing else tells, and a key that is told some of them may be of a subaccount
 * @throws KalshiError `CHECKPOINT_MISMATCH`
 */
export async function requireSameAccount(
  lab: Lab,
  library: string,
  { stated, signal }: { readonly stated: boolean; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const fills = await lastFills(library);
  if (fills.length > 0) {
    const [first, last] = [fills[0]!.time, fills.at(-1)!.time];
    const told = await lab.fills({ from: formatTime(first), to: formatTime(last + 1_000_000), signal });
    const known = new Set(told.objects().map((row) => idOf(row as Readonly<Record<string, unknown>>)));
    const seen = fills.filter(({ id }) => known.has(id)).length;
    if (seen === fills.length || (seen > 0 && stated)) return;
    // A key of one subaccount alone would leave the others' records out from now on.
    if (seen > 0)
      throw other(library, `the exchange tells this key ${seen} of the last ${fills.length} fills alone`, true);
    throw other(library, "the exchange tells this key none of the fills that the library has", false);
  }
  const held = ["fills", "settlements"].filter((kind) => filesOf(library, kind).length > 0);
  if (held.length === 0 || stated) return;
  const without = held.includes("fills") ? "its fills have no times to ask for them by" : "it has settlements alone";
  throw other(library, `${without}, which do not tell whose they are`, true);
}

interface HeldFill {
  readonly id: string;
  readonly time: Timestamp;
}

/** The last of them that have a time, oldest first. */
async function lastFills(library: string): Promise<readonly HeldFill[]> {
  const files = filesOf(library, "fills");
  if (files.length === 0) return [];
  return withConnection(async (connection) => {
    const found = await connection.runAndReadAll(
      `SELECT fill_id, order_id, epoch_us(created_time)::DOUBLE FROM read_parquet([${files.map(literal).join(", ")}], hive_partitioning = false)
       WHERE created_time IS NOT NULL ORDER BY created_time DESC LIMIT ${LOOKED_AT}`,
    );
    const rows = found.getRows().map(([fill_id, order_id, time]) => ({
      id: idOf({ fill_id, order_id }),
      time: Number(time),
    }));
    return rows.reverse();
  });
}

function idOf({ fill_id, order_id }: Readonly<Record<string, unknown>>): string {
  return `${String(fill_id)} ${String(order_id)}`;
}

function filesOf(library: string, kind: string): readonly string[] {
  return partitionsIn(library, kind).flatMap((partition) =>
    dataFilesIn(library, partition).map((file) => join(library, partitionPath(partition), file)),
  );
}

function other(library: string, why: string, canBeStated: boolean): KalshiError {
  const state = "if it is the same account with a new key, say so: --same-account (`sameAccount: true`); else name";
  return new KalshiError(
    "CHECKPOINT_MISMATCH",
    `${library} has records of an account that were fetched with another key, and ${why}`,
    {
      hint: `${canBeStated ? state : "name"} another folder with --library: a library is of one exchange and one account`,
      context: { library },
    },
  );
}
