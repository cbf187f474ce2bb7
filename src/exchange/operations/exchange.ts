import { endpointCostFields } from "../endpoint-cost.js";
import { exchangeStatus } from "../exchange-status.js";
import { always } from "../field.js";
import { operation } from "../operation.js";
import { schedule } from "../schedule.js";
import { list, object, record } from "../shape.js";

/** Whether the exchange is open. @see GET /exchange/status */
export const getExchangeStatus = operation({
  id: "GetExchangeStatus",
  method: "GET",
  path: "/exchange/status",
  access: "public",
  answer: exchangeStatus,
});

/** Opening hours, Eastern time, and planned maintenance. @see GET /exchange/schedule */
export const getExchangeSchedule = operation({
  id: "GetExchangeSchedule",
  method: "GET",
  path: "/exchange/schedule",
  access: "public",
  answer: object({ schedule }),
});

/** How far balances, orders, fills and positions have caught up with the engine. @see GET /exchange/user_data_timestamp */
export const getUserDataTimestamp = operation({
  id: "GetUserDataTimestamp",
  method: "GET",
  path: "/exchange/user_data_timestamp",
  access: "public",
  answer: object({ as_of_time: always("time", "as_of_time", "records of the account hold as of then") }),
});

/** What a call costs: the usual number of tokens, and the endpoints that cost another. @see GET /account/endpoint_costs */
export const getAccountEndpointCosts = operation({
  id: "GetAccountEndpointCosts",
  method: "GET",
  path: "/account/endpoint_costs",
  access: "public",
  answer: object({
    default_cost: always("integer", "default_cost", "tokens of a call"),
    endpoint_costs: list(record("endpoint cost", endpointCostFields)),
  }),
});
