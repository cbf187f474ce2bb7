import { always, maybe, type RecordOf, recordParser } from "./field.js";

/** Columns of a series, in table order. @see API: GET /series, GET /series/{series_ticker} */
export const seriesFields = {
  ticker: always("text", "ticker", "key of the series"),
  title: always("text", "title", "name"),
  category: always("text", "category", "main category"),
  frequency: always("text", "frequency", "how often a new event comes, free text"),
  fee_type: always("text", "fee_type", "which fee model holds"),
  fee_multiplier: always("number", "fee_multiplier", "factor of the fee model; 0 is free"),
  volume: maybe("contracts", "volume_fp", "contracts traded, when asked for"),
  tags: maybe("json", "tags", "words for search"),
  categories: maybe("json", "categories", "all categories it is found under"),
  settlement_sources: maybe("json", "settlement_sources", "who decides, with name and url"),
  contract_url: maybe("text", "contract_url", "filing of the contract"),
  contract_terms_url: maybe("text", "contract_terms_url", "terms of the contract"),
  product_metadata: maybe("json", "product_metadata", "free form, when asked for"),
  additional_prohibitions: maybe("json", "additional_prohibitions", "who may not trade it"),
  exchange_index: maybe("integer", "exchange_index", "shard of its new events"),
  last_updated_time: maybe("time", "last_updated_ts", "last change of its description"),
};

export type Series = RecordOf<typeof seriesFields>;

/** Reads a series. @throws KalshiError `BAD_RECORD`, `LEGACY_FIELDS` */
export const parseSeries = recordParser("series", seriesFields);
