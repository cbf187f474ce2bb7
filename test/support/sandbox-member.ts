import type { ReadyInfo } from "../../src/sandbox/sandbox.js";
import { type Key, signedHeaders } from "./sandbox-call.js";
import { type Client, openClient } from "./socket.js";

/** What came back, its body read as JSON where it is some. */
export interface Called {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers freely
  readonly body: any;
  readonly text: string;
}

/** A member of a running sandbox, and what its owner can do beside. */
export interface Member {
  call(method: string, path: string, body?: unknown): Promise<Called>;
  /** Puts a bid of one contract where nobody sells, unless told otherwise, and gives the answer. */
  bid(ticker: string, order?: Readonly<Record<string, unknown>>): Promise<Called>;
  connect(): Promise<Client>;
  control(method: string, path: string, body?: unknown): Promise<Called>;
}

let serial = 0;

export function memberOf(ready: ReadyInfo, pem: string): Member {
  const key: Key = { id: ready.key_id, pem };
  const call = (method: string, path: string, body?: unknown) => {
    const signed = signedHeaders(key, method, `/trade-api/v2${path.split("?")[0]}`);
    return called(ready.rest_url + path, method, body, signed);
  };
  return {
    call,
    bid(ticker, order = {}) {
      serial += 1;
      return call("POST", "/portfolio/events/orders", {
        client_order_id: `bid-${process.pid}-${serial}`,
        count: "1",
        price: "0.0100",
        self_trade_prevention_type: "taker_at_cross",
        side: "bid",
        ticker,
        time_in_force: "good_till_canceled",
        ...order,
      });
    },
    connect: () => openClient(ready.ws_url, signedHeaders(key, "GET", "/trade-api/ws/v2")),
    control: (method, path, body) => called(ready.control_url + path, method, body),
  };
}

async function called(
  url: string,
  method: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Called> {
  const content = body === undefined ? {} : { "content-type": "application/json" };
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await fetch(url, { method, headers: { ...headers, ...content }, ...sent });
  const text = await response.text();
  return { status: response.status, text, body: readJson(text) };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
