/** A day of generated trades. */
export interface MadeDay {
  /** Its markets are `<series>-T0`, `<series>-T1`, … */
  readonly series: string;
  /** `2026-01-01`; they are spread over it, and over the next ones where there are more than one in a microsecond. */
  readonly date: string;
  readonly rows: number;
  readonly markets: number;
  /** Microseconds from one to the next. */
  readonly every: number;
}

/** SQL of generated trades in time order, with the columns and types of ours: made by the engine, no exchange is asked. */
export function madeTrades({ series, date, rows, markets, every }: MadeDay): string {
  return `SELECT make_timestamptz(epoch_us(TIMESTAMP '${date}') + i * ${every} + (hash(i) % ${every})::BIGINT) AS created_time,
    '${series}-T' || (hash(i + 1) % ${markets})::VARCHAR AS ticker,
    (0.01 * (1 + hash(i + 2) % 99))::DECIMAL(18,6) AS yes_price, (1 - yes_price)::DECIMAL(18,6) AS no_price,
    (1 + hash(i + 3) % (1 + hash(i + 4) % 500))::DECIMAL(18,2) AS "count",
    CASE WHEN hash(i + 5) % 2 = 0 THEN 'yes' ELSE 'no' END AS taker_outcome_side,
    CASE WHEN hash(i + 5) % 2 = 0 THEN 'bid' ELSE 'ask' END AS taker_book_side, taker_outcome_side AS taker_side,
    false AS is_block_trade, uuid() AS trade_id FROM range(${rows}) made(i)`;
}
