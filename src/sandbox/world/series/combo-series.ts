import type { MarketRecord } from "../../types.js";
import { seriesRecord } from "./series.js";

/** The series of all combos. */
export const COMBO_SERIES = "SANDBOXMVE";

/** Its record, made once a world has combos. */
export const comboSeries = seriesRecord({
  ticker: COMBO_SERIES,
  title: "Combinations of other markets",
  category: "Sandbox",
  frequency: "custom",
  tags: ["Combos"],
  source: "Sandbox",
  feeType: "quadratic_with_combo_maker_fees",
  feeMultiplier: 1,
});

/** Whether a market is a combination of others, made here or found in a folder of real records. */
export function isCombo({ seriesTicker, wire }: Pick<MarketRecord, "seriesTicker" | "wire">): boolean {
  return seriesTicker.startsWith("KXMVE") || wire.mve_collection_ticker !== undefined;
}
