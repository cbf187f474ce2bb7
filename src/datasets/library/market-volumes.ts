import { join } from "node:path";
import type { Timestamp } from "../../units/time.js";
import { literal, withConnection } from "../duckdb.js";
import { dataFilesIn, partitionPath, partitionsIn } from "./partition.js";

/** A market of the library, and what the library has of its trades. */
export interface MarketVolume {
  readonly ticker: string;
  readonly openTime: Timestamp;
  readonly closeTime: Timestamp;
  /** Null while it is not paid. */
  readonly settlementTime: Timestamp | null;
  /** Hundredths of contracts traded, as the exchange tells. */
  readonly volume: number;
  /** Hundredths of contracts of the trades in the library. */
  readonly counted: number;
}

/** The markets of a series as the library has them, beside the trades that it has of each. */
export async function marketVolumes(library: string, series: string): Promise<readonly MarketVolume[]> {
  const markets = filesOf(library, "markets", series);
  if (markets.length === 0) return [];
  const trades = filesOf(library, "trades", series);
  const counted =
    trades.length === 0
      ? "SELECT NULL::VARCHAR AS ticker, 0 AS counted WHERE false"
      : `SELECT ticker, sum("count") AS counted FROM read_parquet(${listed(trades)}, hive_partitioning = false) GROUP BY ticker`;
  return withConnection(async (connection) => {
    const found = await connection.runAndReadAll(
      `SELECT ticker, epoch_us(open_time)::DOUBLE, epoch_us(close_time)::DOUBLE, epoch_us(settlement_time)::DOUBLE,
              (volume * 100)::DOUBLE, coalesce(counted * 100, 0)::DOUBLE
       FROM read_parquet(${listed(markets)}, hive_partitioning = false) LEFT JOIN (${counted}) USING (ticker) ORDER BY ticker`,
    );
    return found.getRows().map(([ticker, openTime, closeTime, settlementTime, volume, held]) => ({
      ticker: String(ticker),
      openTime: Number(openTime),
      closeTime: Number(closeTime),
      settlementTime: settlementTime === null ? null : Number(settlementTime),
      volume: Math.round(Number(volume)),
      counted: Math.round(Number(held)),
    }));
  });
}

function filesOf(library: string, kind: string, series: string): string[] {
  return partitionsIn(library, kind)
    .filter((partition) => partition.series === series)
    .flatMap((partition) =>
      dataFilesIn(library, partition).map((file) => join(library, partitionPath(partition), file)),
    );
}

function listed(paths: readonly string[]): string {
  return `[${paths.map(literal).join(", ")}]`;
}
