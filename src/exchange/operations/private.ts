import * as account from "./account.js";
import * as apiKeys from "./api-keys.js";
import * as historicalPortfolio from "./historical-portfolio.js";
import * as orderGroups from "./order-groups.js";
import * as orderWrites from "./order-writes.js";
import * as orders from "./orders.js";
import * as portfolio from "./portfolio.js";
import * as subaccounts from "./subaccounts.js";
import * as transfers from "./transfers.js";

/** Operations of one's own account, signed. */
export const privateOperations = {
  ...portfolio,
  ...historicalPortfolio,
  ...transfers,
  ...subaccounts,
  ...orders,
  ...orderWrites,
  ...orderGroups,
  ...account,
  ...apiKeys,
};
