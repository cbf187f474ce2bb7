import { collection } from "../collection.js";
import { always } from "../field.js";
import { operation } from "../operation.js";
import { needs, needsObjects, takes } from "../parameter.js";
import { at, list, object, optional } from "../shape.js";
import { cursor, market } from "./answers.js";

const collections = { list: "multivariate_contracts", maxLimit: 200, key: "collection_ticker" };

/** What combos can be made of. @see GET /multivariate_event_collections */
export const getMultivariateEventCollections = operation({
  id: "GetMultivariateEventCollections",
  method: "GET",
  path: "/multivariate_event_collections",
  access: "public",
  query: {
    status: takes("text"),
    associated_event_ticker: takes("text"),
    series_ticker: takes("text"),
    limit: takes("integer", [1, collections.maxLimit]),
    cursor: takes("text"),
  },
  answer: object({ collections: at("multivariate_contracts", list(collection)), cursor }),
  list: collections,
});

/** One collection. @see GET /multivariate_event_collections/{collection_ticker} */
export const getMultivariateEventCollection = operation({
  id: "GetMultivariateEventCollection",
  method: "GET",
  path: "/multivariate_event_collections/{collection_ticker}",
  access: "public",
  inPath: { collection_ticker: needs("text") },
  answer: object({ collection: at("multivariate_contract", collection) }),
});

/**
 * Makes the market of a combo, or finds it when it was made before; 5,000 a week. `selected_markets` are its legs.
 *
 * @see POST /multivariate_event_collections/{collection_ticker}
 */
export const createMarketInMultivariateEventCollection = operation({
  id: "CreateMarketInMultivariateEventCollection",
  method: "POST",
  path: "/multivariate_event_collections/{collection_ticker}",
  access: "signed",
  inPath: { collection_ticker: needs("text") },
  body: {
    selected_markets: needsObjects({ market_ticker: needs("text"), event_ticker: needs("text"), side: needs("text") }),
    with_market_payload: takes("boolean"),
  },
  answer: object({
    event_ticker: always("text", "event_ticker", "event of the combo"),
    market_ticker: always("text", "market_ticker", "the combo's market"),
    market: optional(market),
  }),
  writes: true,
});
