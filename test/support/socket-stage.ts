import type { Engine } from "../../src/sandbox/engine/engine.js";
import type { ChannelsOptions } from "../../src/sandbox/socket/channels.js";
import type { EngineEvent, Json, MarketRecord } from "../../src/sandbox/types.js";
import { parsePrice } from "../../src/units/price.js";
import { MILLISECOND, SECOND } from "../../src/units/time.js";
import { type Client, type Served, serveChannels } from "./socket.js";
import { MEMBER, START, type TinyWorld, tinyEngine, tinyMarket, tinyWorld } from "./tiny-world.js";

/** Two lively markets, or others, that stand still until stepped, served on a socket. `B` closes after five seconds and is paid after six. */
export interface Stage extends TinyWorld, Served {
  readonly engine: Engine;
  /** Steps of 20 ms. */
  steps(count: number): void;
  /** Places an order in `A` unless told otherwise; the client order ids are `mine-1`, `mine-2`, … */
  place(side: "bid" | "ask", price: string, contracts: number, who?: typeof MEMBER, ticker?: string): string;
  /** Lets the channels hear an event that the engine has not had. */
  emit(event: EngineEvent): void;
}

export async function socketStage(
  options: Partial<Omit<ChannelsOptions, "path" | "authenticate" | "world" | "engine">> = {},
  markets: readonly MarketRecord[] = lively(),
): Promise<Stage> {
  const tiny = tinyWorld(markets);
  const engine = tinyEngine(tiny);
  const listeners = new Set<(event: EngineEvent) => void>();
  const heard: Engine = {
    ...engine,
    on(listener) {
      listeners.add(listener);
      const off = engine.on(listener);
      return () => {
        listeners.delete(listener);
        off();
      };
    },
  };
  const served = await serveChannels({ world: tiny.world, engine: heard, ...options });
  let serial = 0;
  return {
    ...tiny,
    ...served,
    engine,
    steps(count) {
      for (let n = 0; n < count; n += 1) engine.step(tiny.clock.advance(20 * MILLISECOND));
    },
    place(side, price, contracts, who = MEMBER, ticker = "A") {
      serial += 1;
      const { order } = engine.place(who.userId, ticker, {
        side,
        price: parsePrice(price),
        count: contracts * 100,
        timeInForce: "good_till_canceled",
        selfTrade: "taker_at_cross",
        clientOrderId: `mine-${serial}`,
        postOnly: false,
        reduceOnly: false,
        cancelOnPause: false,
        expires: null,
      });
      return order.id;
    },
    emit(event) {
      for (const listener of listeners) listener(event);
    },
  };
}

function lively(): readonly MarketRecord[] {
  const brief = { close: START + 5 * SECOND, settled: START + 6 * SECOND };
  return [tinyMarket({ ticker: "A" }), tinyMarket({ ticker: "B", ...brief })];
}

/** Sends a subscribe command. */
export function subscribe(client: Client, channels: Json, params: Record<string, Json> = {}, id = 1): void {
  client.send({ id, cmd: "subscribe", params: { channels, ...params } });
}
