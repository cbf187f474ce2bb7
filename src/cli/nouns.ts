/** What `kalshi-lab download` can be asked for. */
export const nounNames = [
  "trades",
  "markets",
  "candlesticks",
  "fills",
  "orders",
  "positions",
  "settlements",
  "series",
  "events",
] as const;

export type NounName = (typeof nounNames)[number];

export function isNoun(word: string): word is NounName {
  return (nounNames as readonly string[]).includes(word);
}
