import { frame, snapshot } from "./frames.js";
import type { Command, Script, Scripted } from "./scripted-socket.js";

/** An exchange of small books that keeps lists of markets as the real one does. */
export class Listing {
  readonly commands: Command[] = [];
  readonly connections: Scripted[] = [];
  /** Of the connection that spoke last: by sid the channel, its markets, and its count. */
  subscriptions = new Map<number, { channel: string; markets: Set<string>; seq: number }>();
  /** Answers a command in place of what follows; false leaves it to that. */
  intercept: (connection: Scripted, command: Command) => boolean = () => false;
  #lastSid = 0;

  readonly script: Script = {
    open: (connection) => {
      this.connections.push(connection);
      this.subscriptions = new Map();
      this.#lastSid = 0;
    },
    command: (connection, command) => {
      this.commands.push(command);
      if (!this.intercept(connection, command)) this.#obey(connection, command);
    },
  };

  marketsOf(channel: string): readonly string[] | null {
    const found = [...this.subscriptions.values()].find((one) => one.channel === channel);
    return found === undefined ? null : [...found.markets].sort();
  }

  /** Sends a counted message of a channel that is subscribed to. */
  tell(channel: string, text: (on: { readonly sid: number; readonly seq: number }) => string): void {
    const [sid, subscription] = [...this.subscriptions].find(([, one]) => one.channel === channel)!;
    subscription.seq += 1;
    this.connections.at(-1)!.send(text({ sid, seq: subscription.seq }));
  }

  /** Ends a subscription as the exchange does. */
  end(sid: number, code: number): void {
    this.subscriptions.delete(sid);
    this.connections.at(-1)!.send(frame("error", { sid }, { code, msg: "ended" }));
  }

  #obey(connection: Scripted, { id, cmd, params }: Command): void {
    const tickers = (params.market_tickers ?? []) as string[];
    if (cmd === "subscribe") {
      for (const channel of params.channels as string[]) {
        this.#lastSid += 1;
        const sid = this.#lastSid;
        this.subscriptions.set(sid, { channel, markets: new Set(tickers), seq: 0 });
        connection.send(frame("subscribed", { id }, { channel, sid }));
        if (channel === "orderbook_delta") for (const ticker of tickers) this.#snapshot(connection, sid, ticker);
      }
      return;
    }
    const [sid] = params.sids as number[];
    const subscription = this.subscriptions.get(sid!);
    if (subscription === undefined) {
      connection.send(frame("error", { id }, { code: 7, msg: "Unknown subscription ID" }));
      return;
    }
    if (cmd === "unsubscribe") {
      this.subscriptions.delete(sid!);
      connection.send(frame("unsubscribed", { id, sid: sid!, seq: subscription.seq + 1 }));
      return;
    }
    if (params.action === "get_snapshot") {
      for (const ticker of tickers) this.#snapshot(connection, sid!, ticker, id);
      return;
    }
    const added = tickers.filter((ticker) => !subscription.markets.has(ticker));
    for (const ticker of tickers) {
      if (params.action === "add_markets") subscription.markets.add(ticker);
      else subscription.markets.delete(ticker);
    }
    subscription.seq += 1;
    connection.send(
      frame("ok", { id, sid: sid!, seq: subscription.seq }, { market_tickers: [...subscription.markets] }),
    );
    if (params.action === "add_markets" && subscription.channel === "orderbook_delta")
      for (const ticker of added) this.#snapshot(connection, sid!, ticker);
  }

  #snapshot(connection: Scripted, sid: number, ticker: string, id?: number): void {
    const subscription = this.subscriptions.get(sid)!;
    subscription.seq += 1;
    const on = { sid, seq: subscription.seq, ...(id === undefined ? {} : { id }) };
    connection.send(snapshot(on, ticker, [["0.4000", "1.00"]], []));
  }
}
