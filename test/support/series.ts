/** A series as the exchange sends it, of invented rain. */
export function wireSeries(ticker: string, category = "Climate"): Readonly<Record<string, unknown>> {
  return {
    ticker,
    title: "Rain somewhere",
    category,
    frequency: "daily",
    tags: null,
    settlement_sources: [],
    contract_url: "",
    contract_terms_url: "",
    fee_type: "quadratic",
    fee_multiplier: 1,
    additional_prohibitions: [],
  };
}

/** The text of a catalogue that goes no further than these series. */
export function beginningOf(...tickers: readonly string[]): string {
  return `{"series":[${tickers.map((ticker) => `${JSON.stringify(wireSeries(ticker))},`).join("")}`;
}
