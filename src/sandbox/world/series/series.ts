import { DAY, type Timestamp } from "../../../units/time.js";
import type { JsonObject, SeriesRecord } from "../../types.js";

/** How far most series of a generated world reach back. */
export const HISTORY = 92 * DAY;

/** What tells one generated series from another. */
export interface SeriesFacts {
  readonly ticker: string;
  readonly title: string;
  readonly category: string;
  readonly frequency: string;
  readonly tags: readonly string[];
  readonly source: string;
  readonly feeType: string;
  readonly feeMultiplier: number;
}

/** The record of a generated series. Its links lead to names that are reserved for examples. */
export function seriesRecord(facts: SeriesFacts): SeriesRecord {
  const sources: readonly JsonObject[] = [
    { name: facts.source, url: `https://source.example/${facts.ticker.toLowerCase()}/latest` },
    { name: `${facts.source} (archive)`, url: `https://source.example/${facts.ticker.toLowerCase()}/archive` },
  ];
  return {
    ticker: facts.ticker,
    category: facts.category,
    feeType: facts.feeType,
    feeMultiplier: facts.feeMultiplier,
    wire: {
      additional_prohibitions: prohibitions(facts.source),
      categories: [facts.category],
      category: facts.category,
      contract_terms_url: `https://contracts.example/${facts.ticker}-terms.pdf`,
      contract_url: `https://contracts.example/${facts.ticker}.pdf`,
      exchange_index: 0,
      fee_multiplier: facts.feeMultiplier,
      fee_type: facts.feeType,
      frequency: facts.frequency,
      settlement_sources: sources,
      tags: facts.tags,
      ticker: facts.ticker,
      title: facts.title,
    },
  };
}

function prohibitions(source: string): readonly string[] {
  return [
    `Whoever works for ${source} or is told its figures before they are published`,
    `Whoever can decide what ${source} observes`,
  ];
}

/** Whether a day, given by its midnight UTC, is none of a weekend. */
export function isWeekday(day: Timestamp): boolean {
  return ![0, 6].includes(new Date(day / 1000).getUTCDay());
}
