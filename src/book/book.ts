import type { Level, Orderbook } from "../exchange/orderbook.js";
import { formatCount } from "../units/count.js";
import { DOLLAR, formatPrice } from "../units/price.js";
import type { Timestamp } from "../units/time.js";
import { Ladder } from "./ladder.js";

/** Levels as the exchange writes them: text of dollars and of contracts, ascending. */
export type WireLevels = readonly (readonly [string, string])[];

const SHOWN_LEVELS = 8;

/**
 * The order book of one market: bids of both sides, each in its own price. A NO bid at p is a YES ask at $1 − p.
 *
 * Shows itself in a notebook as a small ladder in YES prices. `JSON.stringify` gives the levels as the exchange writes them.
 */
export class Book {
  readonly ticker: string;
  readonly yes = new Ladder();
  readonly no = new Ladder();
  /**
   * `ok`: every message since the last snapshot was applied. `stale`: some are known to be missing, levels are a best guess.
   */
  state: "ok" | "stale" = "stale";
  /** The exchange's time of the last change, or null before one that carries a time. */
  time: Timestamp | null = null;
  /** Receive time of the last message applied, or null. */
  receivedAt: Timestamp | null = null;

  constructor(ticker: string) {
    this.ticker = ticker;
  }

  /** Both sides as lists of levels, as REST gives them. */
  levels(): Orderbook {
    return { ticker: this.ticker, yes: this.yes.levels(), no: this.no.levels() };
  }

  toJSON(): { ticker: string; state: "ok" | "stale"; yes_dollars: WireLevels; no_dollars: WireLevels } {
    return {
      ticker: this.ticker,
      state: this.state,
      yes_dollars: wireLevels(this.yes.levels()),
      no_dollars: wireLevels(this.no.levels()),
    };
  }

  toString(): string {
    const rows = ladderRows(this).map(
      ({ side, price, count }) => `${side.padEnd(3)} ${price.padStart(8)} ${count.padStart(14)}`,
    );
    return [`${this.ticker}${this.state === "ok" ? "" : " (stale)"}`, ...rows].join("\n");
  }

  [Symbol.for("Jupyter.display")](): { "text/html": string; "text/plain": string } {
    const rows = ladderRows(this)
      .map(({ side, price, count }) => {
        const color = side === "ask" ? "#b3261e" : "#146c2e";
        const cell = `style="text-align:right;padding:1px 10px;color:${color}"`;
        return `<tr><td ${cell}>${side}</td><td ${cell}>${price}</td><td ${cell}>${count}</td></tr>`;
      })
      .join("");
    const note = this.state === "ok" ? "" : ' <em title="messages are missing since the last snapshot">stale</em>';
    const head = `<caption style="text-align:left">${escapeHtml(this.ticker)}${note}</caption>`;
    const names = "<tr><th></th><th>YES price, $</th><th>contracts</th></tr>";
    return { "text/html": `<table>${head}${names}${rows}</table>`, "text/plain": this.toString() };
  }
}

/** Levels as the exchange writes them. */
export function wireLevels(levels: readonly Level[]): WireLevels {
  return levels.map(({ price, count }) => [formatPrice(price), formatCount(count)] as const);
}

/** Asks above bids in YES prices, the nearest few of each. */
function ladderRows(book: Book): { side: string; price: string; count: string }[] {
  const row = (side: string, price: number, count: number) => ({
    side,
    price: formatPrice(price),
    count: formatCount(count),
  });
  const asks = book.no.levels().slice(-SHOWN_LEVELS);
  const bids = book.yes.levels().slice(-SHOWN_LEVELS).reverse();
  return [
    ...asks.map(({ price, count }) => row("ask", DOLLAR - price, count)),
    ...bids.map(({ price, count }) => row("bid", price, count)),
  ];
}

/** Text for HTML, also inside a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
