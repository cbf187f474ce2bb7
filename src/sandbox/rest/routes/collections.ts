import { DAY, type Timestamp } from "../../../units/time.js";
import type { Reply, Route, SandboxRequest } from "../../types.js";
import { marketWire } from "../../wire/market-wire.js";
import { notFound, ok, Refused, refusal, tooManyRequests } from "../../wire/replies.js";
import {
  associatedEvents,
  type Collection,
  collectionStatus,
  collectionsOf,
  collectionWire,
  findCollection,
} from "../../world/series/collections.js";
import { comboMarket, comboTickers } from "../../world/series/combo-market.js";
import { COMBO_SERIES } from "../../world/series/combo-series.js";
import { chooseLegs, readCombo } from "../combo-body.js";
import { cutPage, decodeCursor, latestFirst, type Position } from "../cursor.js";
import { QueryReader } from "../query.js";
import { signer } from "./orders.js";
import { DEFAULT_COST, type PublicSide, publicGet } from "./routes.js";

/** Combos that one account may bring forth in a week. */
const MOST_CREATIONS = 5_000;
const WEEK = 7 * DAY;

/** Combo collections: a day's markets that may be combined, and the making of a combination. `most` creations a week. */
export function collectionRoutes(side: PublicSide, most = MOST_CREATIONS): Route[] {
  const { world } = side;
  const creations = new Map<string, Timestamp[]>();
  return [
    publicGet("/multivariate_event_collections", (request) => list(side, request)),
    publicGet("/multivariate_event_collections/:collection_ticker", ({ params }) => {
      const found = findCollection(world, params.collection_ticker ?? "");
      return found === undefined ? notFound() : ok({ multivariate_contract: collectionWire(world, found) });
    }),
    {
      method: "POST",
      path: "/multivariate_event_collections/:collection_ticker",
      access: "signed",
      // What is not about orders is paid from the Read bucket, whatever its method.
      bucket: "read",
      cost: DEFAULT_COST,
      handle: (request) => {
        const { userId } = signer(request);
        const now = world.clock.now();
        const recent = (creations.get(userId) ?? []).filter((time) => time > now - WEEK);
        creations.set(userId, recent);
        return create(side, request, () => {
          if (recent.length >= most) throw new Refused(tooManyRequests(true));
          recent.push(now);
        });
      },
    },
  ];
}

function list({ world }: PublicSide, request: SandboxRequest): Reply {
  const query = new QueryReader(request.query, "GetMultivariateEventCollections");
  const limit = query.limit(1, 200, 100);
  const status = query.oneOf("status", ["unopened", "open", "closed"]);
  const [event, series] = [query.text("associated_event_ticker"), query.text("series_ticker")];
  const now = world.clock.now();
  const found = collectionsOf(world).filter(
    (one) =>
      (status === undefined || collectionStatus(one, now) === status) &&
      (series === undefined || series === COMBO_SERIES) &&
      (event === undefined || associatedEvents(world, one).some(({ ticker }) => ticker === event)),
  );
  const positionOf = (one: Collection): Position => ({ time: one.open, id: one.ticker });
  const { rows, cursor } = cutPage(
    latestFirst(found, positionOf, decodeCursor(request.query.get("cursor"))),
    limit,
    positionOf,
  );
  return ok({ cursor, multivariate_contracts: rows.map((one) => collectionWire(world, one)) });
}

/** Brings a combination forth, or names the market that it already has; `spend` is asked before a new one. */
function create({ world, books }: PublicSide, { params, body }: SandboxRequest, spend: () => void): Reply {
  const now = world.clock.now();
  const collection = findCollection(world, params.collection_ticker ?? "");
  if (collection === undefined) return notFound();
  const request = readCombo(body);
  if (collectionStatus(collection, now) !== "open") {
    throw new Refused(refusal(400, "invalid_parameters", "invalid parameters", "the collection is not open"));
  }
  const legs = chooseLegs(world, collection, request);
  let market = world.markets.get(comboTickers(collection, legs).market);
  if (market === undefined) {
    spend();
    const made = comboMarket(world.seed, collection, legs, now);
    market = made.market;
    world.add(world.events.get(made.event.ticker) ?? made.event, [market]);
  }
  return ok({
    event_ticker: market.eventTicker,
    market: request.withMarket ? marketWire(world, books, market) : undefined,
    market_ticker: market.ticker,
  });
}
