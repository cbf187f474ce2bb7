import type { ColumnTable } from "arquero";
import type { FeeCalendar } from "../analysis/fees/calendar.js";
import { type EstimateOptions, estimateFee, type FeeEstimate, type OrderIdea } from "../analysis/fees/estimate.js";
import { type FeesOptions, feesOf } from "../analysis/fees/fees-of.js";
import { type FillLike, isTable, textsOf } from "../analysis/read-fills.js";
import type { Client } from "../client/http.js";
import type { SelectionInput } from "../history/selection.js";
import type { Timestamp } from "../units/time.js";
import { fetchFeeCalendar } from "./fee-calendar.js";
import { fetchOrderbook } from "./orderbooks.js";

/** Fees by the exchange's own schedule, asked when they are needed. */
export class Fees {
  readonly #client: Client;
  readonly #now: () => Promise<Timestamp>;

  constructor(client: Client, now: () => Promise<Timestamp>) {
    this.#client = client;
    this.#now = now;
  }

  /**
   * The fees of markets at every moment: what overrides, changes and waivers came to.
   *
   * @throws KalshiError `MARKET_NOT_FOUND`, `EVENT_NOT_FOUND`, `SERIES_NOT_FOUND`
   * @see GET /series/fee_changes, GET /events/fee_changes
   */
  async calendar(ask: Omit<SelectionInput, "from" | "to">, signal?: AbortSignal): Promise<FeeCalendar> {
    return fetchFeeCalendar(this.#client, ask, await this.#now(), signal);
  }

  /** The fee of each fill by the schedule in force at its time, beside the one that the exchange reports. @see feesOf */
  async of(
    fills: ColumnTable | readonly FillLike[],
    options: Omit<FeesOptions, "terms"> & { readonly signal?: AbortSignal } = {},
  ): Promise<ColumnTable> {
    const tickers = isTable(fills) ? textsOf(fills, "ticker") : fills.map((fill) => fill.ticker);
    const named = [...new Set(tickers)].filter((ticker) => ticker !== null);
    const terms = named.length === 0 ? noFills : await this.calendar({ tickers: named }, options.signal);
    return feesOf(fills, { ...options, terms });
  }

  /**
   * What an order would cost in its market's present book by its present fees, before it is placed.
   *
   * @throws KalshiError `MARKET_NOT_FOUND`, `BAD_PRICE`, `BAD_COUNT`
   * @see estimateFee
   */
  async estimate(
    order: OrderIdea & { readonly ticker: string },
    options: Pick<EstimateOptions, "precision" | "rule"> = {},
  ): Promise<FeeEstimate> {
    const { ticker } = order;
    const [calendar, book] = await Promise.all([this.calendar({ ticker }), fetchOrderbook(this.#client, ticker)]);
    return estimateFee(order, { ...options, terms: calendar.termsAt(ticker, await this.#now()), book });
  }
}

/** Without a fill nobody asks for terms. */
const noFills = { feeType: "quadratic", multiplier: 1 };
