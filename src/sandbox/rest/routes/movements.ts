import { toSeconds } from "../../../units/time.js";
import type { Engine } from "../../engine/engine.js";
import type { JsonObject, Reply, Route } from "../../types.js";
import { ok } from "../../wire/replies.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "../cursor.js";
import { type Movement, movementsOf } from "../movements.js";
import { type Asked, signedReads } from "../signed-read.js";

/** Money that came to an account and left it, latest first. */
export function movementRoutes(engine: Engine): Route[] {
  const read = signedReads(engine);
  return [
    read("/portfolio/deposits", (asked) => list(asked, "deposits"), "GetDeposits"),
    read("/portfolio/withdrawals", (asked) => list(asked, "withdrawals"), "GetWithdrawals"),
  ];
}

function list({ query, request, account }: Asked, name: "deposits" | "withdrawals"): Reply {
  const limit = query.limit(1, 500, 100);
  const now = request.world.clock.now();
  const found = movementsOf(request.world.seed, account)[name].filter(({ created }) => created <= now);
  const positionOf = (one: Movement): Position => ({ time: one.created, id: one.id });
  const { rows, cursor } = cutPage(
    latestFirst(found, positionOf, decodeCursor(request.query.get("cursor"))),
    limit,
    positionOf,
  );
  return ok({ cursor, [name]: rows.map((one) => wire(one, now)) });
}

function wire({ id, type, amount, fee, created, finalized, outcome }: Movement, now: number): JsonObject {
  const isDecided = finalized <= now;
  return {
    amount_cents: amount,
    created_ts: toSeconds(created),
    fee_cents: fee,
    finalized_ts: isDecided ? toSeconds(finalized) : undefined,
    id,
    status: isDecided ? outcome : "pending",
    type,
  };
}
