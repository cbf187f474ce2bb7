import type { ListEndpoint } from "../../client/pages.js";
import { balanceFields } from "../balance.js";
import { always, maybe } from "../field.js";
import { liveFills } from "../fill.js";
import { operation } from "../operation.js";
import { needs, needsObjects, takes } from "../parameter.js";
import { livePositions } from "../position.js";
import { liveSettlements, settlementFields } from "../settlement.js";
import { list, nothing, object, record } from "../shape.js";
import { allocationFields, shardBalanceFields } from "../shard-balance.js";
import { bankTransferFields } from "../transfer.js";
import { fillsAnswer, positionsAnswer } from "./portfolio-answers.js";

const cursor = maybe("text", "cursor", "next page, empty after the last");
const bankTransfer = record("bank transfer", bankTransferFields);

/** Free money and the value of what is held. @see GET /portfolio/balance */
export const getBalance = operation({
  id: "GetBalance",
  method: "GET",
  path: "/portfolio/balance",
  access: "signed",
  query: { subaccount: takes("integer"), exchange_index: takes("integer") },
  answer: record("balance", balanceFields, { balance_breakdown: list(record("shard balance", shardBalanceFields)) }),
});

/** Own fills newer than the cutoff, newest first. @see GET /portfolio/fills */
export const getFills = operation({
  id: "GetFills",
  method: "GET",
  path: liveFills.path,
  access: "signed",
  query: {
    ticker: takes("comma", [0, 100]),
    order_id: takes("text"),
    min_ts: takes("seconds"),
    max_ts: takes("seconds"),
    limit: takes("integer", [1, liveFills.maxLimit]),
    cursor: takes("text"),
    subaccount: takes("integer"),
    exchange_index: takes("integer"),
  },
  answer: fillsAnswer,
  list: liveFills,
});

/** Own positions by market and by event: unsettled ones unless told otherwise. @see GET /portfolio/positions */
export const getPositions = operation({
  id: "GetPositions",
  method: "GET",
  path: livePositions.path,
  access: "signed",
  query: {
    cursor: takes("text"),
    limit: takes("integer", [1, livePositions.maxLimit]),
    count_filter: takes("comma"),
    ticker: takes("text"),
    event_ticker: takes("text"),
    subaccount: takes("integer"),
    exchange_index: takes("integer"),
    settlement_status: takes("text"),
  },
  answer: positionsAnswer,
  list: livePositions,
});

/** What settled markets have paid. @see GET /portfolio/settlements */
export const getSettlements = operation({
  id: "GetSettlements",
  method: "GET",
  path: liveSettlements.path,
  access: "signed",
  query: {
    limit: takes("integer", [1, liveSettlements.maxLimit]),
    cursor: takes("text"),
    ticker: takes("text"),
    event_ticker: takes("text"),
    min_ts: takes("seconds"),
    max_ts: takes("seconds"),
    subaccount: takes("integer"),
  },
  answer: object({ settlements: list(record("settlement", settlementFields)), cursor }),
  list: liveSettlements,
});

const deposits: ListEndpoint = {
  path: "/portfolio/deposits",
  access: "signed",
  list: "deposits",
  maxLimit: 500,
  key: "id",
};

/** Money put in. @see GET /portfolio/deposits */
export const getDeposits = operation({
  id: "GetDeposits",
  method: "GET",
  path: deposits.path,
  access: "signed",
  query: { limit: takes("integer", [1, deposits.maxLimit]), cursor: takes("text") },
  answer: object({ deposits: list(bankTransfer), cursor }),
  list: deposits,
});

const withdrawals: ListEndpoint = { ...deposits, path: "/portfolio/withdrawals", list: "withdrawals" };

/** Money taken out. @see GET /portfolio/withdrawals */
export const getWithdrawals = operation({
  id: "GetWithdrawals",
  method: "GET",
  path: withdrawals.path,
  access: "signed",
  query: { limit: takes("integer", [1, withdrawals.maxLimit]), cursor: takes("text") },
  answer: object({ withdrawals: list(bankTransfer), cursor }),
  list: withdrawals,
});

/** Value of all resting orders. @see GET /portfolio/summary/total_resting_order_value */
export const getPortfolioRestingOrderTotalValue = operation({
  id: "GetPortfolioRestingOrderTotalValue",
  method: "GET",
  path: "/portfolio/summary/total_resting_order_value",
  access: "signed",
  answer: object({
    total_resting_order_value: always("dollars", "total_resting_order_value", "$ (whole cents on the wire)", "cents"),
    resting_order_value_breakdown: list(record("resting order value", shardBalanceFields)),
  }),
});

const reservation = "how the margin of resting orders counts: max, sum or none";

/** How free money is spread over the shards; no allocations where it is not. @see GET /portfolio/target_balance_allocation */
export const getTargetBalanceAllocation = operation({
  id: "GetTargetBalanceAllocation",
  method: "GET",
  path: "/portfolio/target_balance_allocation",
  access: "signed",
  answer: object({
    allocations: list(record("allocation", allocationFields)),
    resting_margin_reservation: always("text", "resting_margin_reservation", reservation),
  }),
});

/** Sets how free money is spread over the shards: percent that add up to 100, or none to end it. @see POST /portfolio/target_balance_allocation */
export const setTargetBalanceAllocation = operation({
  id: "SetTargetBalanceAllocation",
  method: "POST",
  path: "/portfolio/target_balance_allocation",
  access: "signed",
  body: {
    allocations: needsObjects({ exchange_index: needs("integer"), percent: needs("integer", [0, 100]) }, [0, 101]),
    resting_margin_reservation: takes("text"),
  },
  answer: nothing,
  writes: true,
});
