import { comboLeg } from "../combo-leg.js";
import { eventFields } from "../event.js";
import { maybe } from "../field.js";
import { marketFields } from "../market.js";
import { priceRange } from "../price-range.js";
import { seriesFields } from "../series.js";
import { settlementSource } from "../settlement-source.js";
import { list, record, text } from "../shape.js";

// Records of several groups of operations: as their tables have them, but for what stands inside of a field, which is typed here.

/** A market of an answer. */
export const market = record("market", marketFields, {
  price_ranges: list(priceRange),
  mve_selected_legs: list(comboLeg),
});

/** An event of an answer, with its markets when nested ones were asked for. */
export const event = record("event", eventFields, {
  settlement_sources: list(settlementSource),
  markets: list(market),
});

/** A series of an answer. */
export const series = record("series", seriesFields, {
  tags: list(text),
  categories: list(text),
  settlement_sources: list(settlementSource),
  additional_prohibitions: list(text),
});

/** Where the next page of a list starts. */
export const cursor = maybe("text", "cursor", "next page, empty after the last");
