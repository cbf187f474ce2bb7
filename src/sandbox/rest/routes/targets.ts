import type { Reply, Route, SandboxRequest } from "../../types.js";
import { notFound, ok } from "../../wire/replies.js";
import { type Target, targetsOf, targetWire } from "../../world/series/clubs.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "../cursor.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Structured targets: who or what markets may be about. */
export function targetRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/structured_targets", (request) => list(side, request)),
    publicGet("/structured_targets/:structured_target_id", ({ params }) => {
      const found = known(side).find(({ id }) => id === params.structured_target_id);
      return found === undefined ? notFound() : ok({ structured_target: targetWire(found) });
    }),
  ];
}

/** Real records come without targets. */
function known({ almanac }: PublicSide): readonly Target[] {
  return targetsOf(almanac.seed, (ticker) => almanac.series(ticker) !== undefined);
}

function list(side: PublicSide, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetStructuredTargets");
  const limit = query.limit(1, 2000, 100, "page_size");
  const ids = query.repeated("ids", 2000);
  const [type, competition] = [query.text("type"), query.text("competition")];
  const found = known(side).filter(
    (one) =>
      (ids.length === 0 || ids.includes(one.id)) &&
      (type === undefined || one.type === type) &&
      (competition === undefined || one.league === competition),
  );
  const positionOf = (one: Target): Position => ({ time: one.updated, id: one.id });
  const { rows, cursor } = cutPage(
    latestFirst(found, positionOf, decodeCursor(request.query.get("cursor"))),
    limit,
    positionOf,
  );
  return ok({ cursor, structured_targets: rows.map(targetWire) });
}
