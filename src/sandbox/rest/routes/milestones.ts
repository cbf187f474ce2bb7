import { parseTime, type Timestamp } from "../../../units/time.js";
import type { Reply, Route, SandboxRequest } from "../../types.js";
import { invalidParameter, notFound, ok, Refused } from "../../wire/replies.js";
import { type Milestone, milestoneWire } from "../../world/almanac/milestones.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "../cursor.js";
import { QueryReader } from "../query.js";
import { type PublicSide, publicGet } from "./routes.js";

/** Milestones, latest start first. */
export function milestoneRoutes(side: PublicSide): Route[] {
  return [
    publicGet("/milestones", (request) => list(side, request)),
    publicGet("/milestones/:milestone_id", ({ params }) => {
      const found = side.milestones.find(params.milestone_id as string);
      return found === undefined ? notFound() : ok({ milestone: milestoneWire(found) });
    }),
  ];
}

function list({ milestones }: PublicSide, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetMilestones");
  query.required("limit");
  const limit = query.limit(1, 500, 500);
  const wanted = filter(query);
  const positionOf = (one: Milestone): Position => ({ time: one.start, id: one.id });
  const { rows, cursor } = cutPage(
    latestFirst(milestones.all().filter(wanted), positionOf, decodeCursor(request.query.get("cursor"))),
    limit,
    positionOf,
  );
  return ok({ cursor, milestones: rows.map(milestoneWire) });
}

function filter(query: QueryReader): (one: Milestone) => boolean {
  const from = moment(query, "minimum_start_date");
  const updated = query.seconds("min_updated_ts");
  const [category, competition, sourceId, type, event] = [
    "category",
    "competition",
    "source_id",
    "type",
    "related_event_ticker",
  ].map((name) => query.text(name));
  return (one) =>
    (from === undefined || one.start >= from) &&
    (updated === undefined || one.updated > updated) &&
    (category === undefined || one.category === category) &&
    (competition === undefined || one.competition === competition) &&
    (sourceId === undefined || one.sourceId === sourceId) &&
    (type === undefined || one.type === type) &&
    (event === undefined || one.eventTicker === event);
}

/** A moment given in RFC 3339. */
function moment(query: QueryReader, name: string): Timestamp | undefined {
  const text = query.text(name);
  if (text === undefined) return undefined;
  try {
    return parseTime(text);
  } catch {
    throw new Refused(invalidParameter(`${name} should be a time such as 2026-10-15T15:00:00Z`));
  }
}
