import type { Account } from "../engine/accounts.js";
import type { Engine } from "../engine/engine.js";
import type { Reply, Route, SandboxRequest } from "../types.js";
import { QueryReader } from "./query.js";
import { signer } from "./routes/orders.js";

/** A signed question: whose account, and how the query is read. */
export interface Asked {
  readonly request: SandboxRequest;
  readonly query: QueryReader;
  readonly engine: Engine;
  readonly account: Account;
}

/** Makes routes of signed reads; `operation` as the exchange's messages call it. */
export function signedReads(engine: Engine) {
  return (path: string, handle: (asked: Asked) => Reply, operation: string, cost = 10): Route => ({
    method: "GET",
    path,
    access: "signed",
    bucket: "read",
    cost,
    handle: (request) => {
      const query = new QueryReader(request.query, operation);
      return handle({ request, query, engine, account: engine.account(signer(request).userId) });
    },
  });
}

/** The subaccounts that a list is of: all, or `unnamed`, where none is named. @throws Refused where the one named does not exist */
export function subaccountsAsked({ query, engine, account }: Asked, unnamed?: number): readonly Account[] {
  const number = query.integer("subaccount") ?? unnamed;
  return number === undefined ? engine.member(account.userId).accounts : [engine.account(account.userId, number)];
}

/** The one subaccount that an answer is about: the primary one where none is named. @throws Refused where it does not exist */
export function subaccountAsked({ query, engine, account }: Asked): Account {
  return engine.account(account.userId, query.integer("subaccount"));
}
