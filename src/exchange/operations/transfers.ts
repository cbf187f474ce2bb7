import type { ListEndpoint } from "../../client/pages.js";
import { always, maybe } from "../field.js";
import { operation } from "../operation.js";
import { needs, takes } from "../parameter.js";
import { list, object, record } from "../shape.js";
import { instanceTransferFields } from "../transfer.js";

const transfer = record("transfer", instanceTransferFields);

const transfers: ListEndpoint = {
  path: "/portfolio/intra_exchange_instance_transfers",
  access: "signed",
  list: "transfers",
  maxLimit: 500,
  key: "transfer_id",
};

/**
 * Moves money between event contracts and perpetuals, or between shards; `amount` in ten-thousandths of a dollar. Up to three steps, of
 * which some may fail. @see POST /portfolio/intra_exchange_instance_transfer
 */
export const intraExchangeInstanceTransfer = operation({
  id: "IntraExchangeInstanceTransfer",
  method: "POST",
  path: "/portfolio/intra_exchange_instance_transfer",
  access: "signed",
  body: {
    source: needs("text"),
    destination: needs("text"),
    amount: needs("integer"),
    source_exchange_shard: takes("integer", [0, 100]),
    destination_exchange_shard: takes("integer", [0, 100]),
    source_subaccount: takes("integer"),
    destination_subaccount: takes("integer"),
    client_transfer_id: takes("text"),
  },
  answer: object({ transfer_id: always("uuid", "transfer_id", "key of the transfer") }),
  writes: true,
});

/** Money moved between event contracts, perpetuals and shards. @see GET /portfolio/intra_exchange_instance_transfers */
export const getIntraExchangeInstanceTransfers = operation({
  id: "GetIntraExchangeInstanceTransfers",
  method: "GET",
  path: transfers.path,
  access: "signed",
  query: { limit: takes("integer", [1, transfers.maxLimit]), cursor: takes("text") },
  answer: object({
    transfers: list(transfer),
    cursor: maybe("text", "cursor", "next page, empty after the last"),
  }),
  list: transfers,
});

/** One of them. @see GET /portfolio/intra_exchange_instance_transfers/{transfer_id} */
export const getIntraExchangeInstanceTransfer = operation({
  id: "GetIntraExchangeInstanceTransfer",
  method: "GET",
  path: "/portfolio/intra_exchange_instance_transfers/{transfer_id}",
  access: "signed",
  inPath: { transfer_id: needs("text") },
  answer: object({ transfer }),
});
