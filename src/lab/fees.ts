import type { ColumnTable } from "arquero";
import type { FeeCalendar } from "../analysis/fees/calendar.js";
import { type EstimateOptions, estimateFee, type FeeEstimate, type OrderIdea } from "../analysis/fees/estimate.js";
import { type FeesOptions, feesOf, type Precision, precisionOf } from "../analysis/fees/fees-of.js";
import { isTable } from "../analysis/given-rows.js";
import { type FillLike, readFills, textsOf } from "../analysis/read-fills.js";
import type { Client } from "../client/http.js";
import { fetchPage } from "../client/pages.js";
import { parseBalance } from "../exchange/balance.js";
import { liveFills, parseFill } from "../exchange/fill.js";
import type { SelectionInput } from "../history/selection.js";
import { CENT } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import { fetchFeeCalendar } from "./fee-calendar.js";
import { fetchOrderbook } from "./orderbooks.js";

/** Fees by the exchange's own schedule, asked when they are needed. */
export class Fees {
  readonly #client: Client;
  readonly #now: () => Promise<Timestamp>;
  #isDirect = false;

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
   * Unless `precision` is given it is the account's, as far as its balance and its latest fills tell it: of an account that has never had part
   * of a cent nobody can tell, and the fee is rounded to the cent, which is never too low.
   *
   * @throws KalshiError `MARKET_NOT_FOUND`, `BAD_PRICE`, `BAD_COUNT`, `BAD_ARGUMENT`
   * @see estimateFee, GET /portfolio/balance, GET /portfolio/fills
   */
  async estimate(
    order: OrderIdea & { readonly ticker: string },
    options: Pick<EstimateOptions, "precision" | "rule"> = {},
  ): Promise<FeeEstimate> {
    const { ticker } = order;
    const [calendar, book, precision] = await Promise.all([
      this.calendar({ ticker }),
      fetchOrderbook(this.#client, ticker),
      options.precision ?? this.#precision(),
    ]);
    const terms = calendar.termsAt(ticker, await this.#now());
    return estimateFee(order, { ...options, terms, book, precision });
  }

  /** The smallest step of the account's balance. Once told of a part of a cent, it stays told. */
  async #precision(): Promise<Precision> {
    if (this.#isDirect || this.#client.signer === null) return this.#isDirect ? "0.0001" : "0.01";
    const [balance, fills] = await Promise.all([
      this.#client.json({ path: "/portfolio/balance", access: "signed" }),
      fetchPage(this.#client, liveFills, {}, { limit: FILLS_LOOKED_AT }),
    ]);
    const told = fills.items.map(parseFill);
    this.#isDirect = parseBalance(balance).balance % CENT !== 0 || precisionOf(readFills(told)) < CENT;
    return this.#isDirect ? "0.0001" : "0.01";
  }
}

/** Enough to have one that changed the balance by a part of a cent, where there can be one. */
const FILLS_LOOKED_AT = 100;

/** Without a fill nobody asks for terms. */
const noFills = { feeType: "quadratic", multiplier: 1 };
