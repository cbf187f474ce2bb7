import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../../src/sandbox/types.js";
import { shapeOf } from "../../support/shape.js";
import type { Client, Frame } from "../../support/socket.js";
import { type Stage, socketStage, subscribe } from "../../support/socket-stage.js";
import { MEMBER, OTHER, tinyMarket } from "../../support/tiny-world.js";

const FILE = new URL("../../../../shared/kalshi/samples.json", import.meta.url);
const whyNot = existsSync(FILE) ? null : "../shared/kalshi/samples.json is not here";
if (whyNot !== null && process.env.CI === "true") throw new Error(whyNot);

interface Script {
  readonly name: string;
  readonly frames: readonly ({ readonly ">": Json } | { readonly "<": Frame })[];
}

const scripts: readonly Script[] = whyNot === null ? JSON.parse(readFileSync(FILE, "utf8")).websocket : [];

const [ABOVE, BETWEEN, FAR] = ["KXHIGHNY-26NOV22-T55", "KXHIGHNY-26NOV22-B53.5", "KXHIGHNY-26NOV22-T60"] as const;
/** Scripts on a connection of their own; the others follow one another on one. */
const fresh = new Set(["unknown ticker", "use_yes_price"]);
/** API.md 13.4 has the type before the id, as every other frame has; the sample of this one has the id first. */
const anyOrder = new Set(["list"]);

describe.skipIf(whyNot !== null)(`scripts of the socket (${whyNot ?? "samples.json"})`, () => {
  let stage: Stage;
  let main: Client;
  const orders = new Map<string, [typeof MEMBER, string]>();

  beforeAll(async () => {
    const markets = [ABOVE, BETWEEN, FAR].map((ticker) => tinyMarket({ ticker, grid: "linear_cent" }));
    stage = await socketStage({}, markets);
    main = await stage.connect(MEMBER);
    place("first yes", OTHER, "bid", "0.47", 3);
    place("first no", OTHER, "ask", "0.52", 2);
    place("far yes", OTHER, "bid", "0.01", 5, FAR);
  });
  afterAll(() => stage.close());

  function place(
    name: string,
    who: typeof MEMBER,
    side: "bid" | "ask",
    price: string,
    count: number,
    ticker: string = ABOVE,
  ): void {
    orders.set(name, [who, stage.place(side, price, count, who, ticker)]);
  }

  function cancel(name: string): void {
    const [who, id] = orders.get(name)!;
    stage.engine.cancel(who.userId, id);
  }

  /** What happens in the markets before a script, unseen by it. */
  const before: Readonly<Record<string, () => void>> = {
    "ticker of a market without trades": () => {
      for (const name of ["first yes", "second yes"]) cancel(name);
      subscribe(main, ["ticker"], { market_ticker: ABOVE }, 20);
    },
    use_yes_price: () => place("third yes", OTHER, "bid", "0.47", 3),
    trade: () => main.send({ id: 21, cmd: "unsubscribe", params: { sids: [3] } }),
  };

  /** What happens in the markets once its commands are answered. */
  const after: Readonly<Record<string, () => void>> = {
    "subscribe two channels": () => {
      cancel("first no");
      place("second yes", OTHER, "bid", "0.47", 3);
    },
    "ticker of a market without trades": () => place("second no", OTHER, "ask", "0.52", 3.5),
    trade: () => place("taker", MEMBER, "bid", "0.52", 1),
  };

  it.each(scripts.map((script) => [script.name, script] as const))("%s", async (name, { frames }) => {
    const client = fresh.has(name) ? await stage.connect(MEMBER) : main;
    before[name]?.();
    await client.settled();
    const begun = client.frames.length;
    for (const frame of frames) if (">" in frame) client.send(frame[">"]);
    await client.settled();
    after[name]?.();
    await client.settled();
    const theirs = frames.flatMap((frame) => ("<" in frame ? [frame["<"]] : []));
    const ours = client.frames.slice(begun).map(({ sending_ts_ms, ...frame }) => {
      expect(sending_ts_ms).toBeTypeOf("number");
      return frame;
    });
    expect(ours.map(headOf)).toEqual(theirs.map(headOf));
    const options = { anyOrder: anyOrder.has(name) };
    expect(ours.map((frame) => shapeOf(frame, options))).toEqual(theirs.map((frame) => shapeOf(frame, options)));
  });

  it("are eleven, and each was found", () => {
    expect(scripts).toHaveLength(11);
    const told = [...fresh, ...anyOrder, ...Object.keys(before), ...Object.keys(after)];
    expect(told.filter((name) => !scripts.some((script) => script.name === name))).toEqual([]);
  });
});

function headOf({ type, id, sid, seq }: Frame): unknown {
  return { type, id, sid, seq };
}
