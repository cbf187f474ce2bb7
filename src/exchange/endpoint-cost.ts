import { always, type RecordOf } from "./field.js";

/** Columns of an endpoint that costs another number of tokens than the usual. @see API: GET /account/endpoint_costs */
export const endpointCostFields = {
  method: always("text", "method", "GET, POST, PUT or DELETE"),
  path: always("text", "path", "with the prefix, parameters with a colon"),
  cost: always("integer", "cost", "tokens of a call, or of one item of a batch"),
};

/** An endpoint that costs another number of tokens than the usual. */
export type EndpointCost = RecordOf<typeof endpointCostFields>;
