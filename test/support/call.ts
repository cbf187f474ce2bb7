import { Router } from "../../src/sandbox/rest/router.js";
import type { AccountRef, Json, Route, World } from "../../src/sandbox/types.js";
import { Refused } from "../../src/sandbox/wire/replies.js";
import { replyText } from "../../src/sandbox/wire/wire.js";

/** What a route answered, as a client reads it. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read bodies of many shapes, and vitest checks them
  readonly body: any;
}

export interface Call {
  readonly method?: string;
  /** With query, below the prefix: `/portfolio/fills?limit=2`. */
  readonly target: string;
  readonly body?: Json;
  readonly account: AccountRef;
}

/** What stands for the limits where all accounts may have subaccounts. */
export const ADVANCED = { isAdvanced: () => true };

/** Calls routes as the server does, without a socket. */
export function caller(routes: readonly Route[], world: World): (call: Call) => Promise<Answer> {
  const router = new Router(routes);
  return async ({ method = "GET", target, body, account }) => {
    const [path, query] = target.split("?", 2) as [string, string | undefined];
    const match = router.find(method, path);
    if (typeof match === "string") throw new Error(`no route: ${method} ${path}`);
    const request = { method, path, params: match.params, query: new URLSearchParams(query), body, account, world };
    try {
      const reply = await match.route.handle(request);
      return { status: reply.status, body: JSON.parse(replyText(reply) ?? "null") };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { status: error.reply.status, body: JSON.parse(replyText(error.reply) ?? "null") };
    }
  };
}
