import type { ListEndpoint } from "../../client/pages.js";
import { always, maybe } from "../field.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, nothing, object, record } from "../shape.js";
import { nettingFields, subaccountBalanceFields } from "../subaccount.js";
import { subaccountTransferFields } from "../transfer.js";

const transfers: ListEndpoint = {
  path: "/portfolio/subaccounts/transfers",
  access: "signed",
  list: "transfers",
  maxLimit: 1000,
  key: "transfer_id",
};

/** Opens a subaccount, the next free number from 1 to 63. @see POST /portfolio/subaccounts */
export const createSubaccount = operation({
  id: "CreateSubaccount",
  method: "POST",
  path: "/portfolio/subaccounts",
  access: "signed",
  body: { exchange_index: takes("integer") },
  answer: object({ subaccount_number: always("integer", "subaccount_number", "its number") }),
  writes: true,
});

/** Free money by subaccount and shard. @see GET /portfolio/subaccounts/balances */
export const getSubaccountBalances = operation({
  id: "GetSubaccountBalances",
  method: "GET",
  path: "/portfolio/subaccounts/balances",
  access: "signed",
  answer: object({ subaccount_balances: list(record("subaccount balance", subaccountBalanceFields)) }),
});

/** Which subaccounts net their positions. @see GET /portfolio/subaccounts/netting */
export const getSubaccountNetting = operation({
  id: "GetSubaccountNetting",
  method: "GET",
  path: "/portfolio/subaccounts/netting",
  access: "signed",
  answer: object({ netting_configs: list(record("netting", nettingFields)) }),
});

/** Says whether a subaccount nets its positions. @see PUT /portfolio/subaccounts/netting */
export const updateSubaccountNetting = operation({
  id: "UpdateSubaccountNetting",
  method: "PUT",
  path: "/portfolio/subaccounts/netting",
  access: "signed",
  body: { subaccount_number: needs("integer"), enabled: needs("boolean") },
  answer: nothing,
  writes: true,
});

/** Moves whole cents between subaccounts; a `client_transfer_id` works once. @see POST /portfolio/subaccounts/transfer */
export const applySubaccountTransfer = operation({
  id: "ApplySubaccountTransfer",
  method: "POST",
  path: "/portfolio/subaccounts/transfer",
  access: "signed",
  body: {
    client_transfer_id: needs("text"),
    from_subaccount: needs("integer"),
    to_subaccount: needs("integer"),
    amount_cents: needs("integer"),
    exchange_index: takes("integer"),
  },
  answer: nothing,
  writes: true,
});

/** Money moved between subaccounts. @see GET /portfolio/subaccounts/transfers */
export const getSubaccountTransfers = operation({
  id: "GetSubaccountTransfers",
  method: "GET",
  path: transfers.path,
  access: "signed",
  query: { limit: takes("integer", [1, transfers.maxLimit]), cursor: takes("text") },
  answer: object({
    transfers: list(record("transfer", subaccountTransferFields)),
    cursor: maybe("text", "cursor", "next page, empty after the last"),
  }),
  list: transfers,
});
