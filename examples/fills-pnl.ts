// A round trip in the sandbox, and what it earned to the micro-dollar: npx tsx examples/fills-pnl.ts
import { connect, pnl, tableText } from "kalshi-lab";

await using lab = await connect();
// Limits at the ends of the grid with immediate-or-cancel take what is there: 10 bought, 4 of them sold again.
const ticker = "SANDBOX-LIVE-T55";
const timeInForce = "immediate_or_cancel";
await lab.trading.place({ ticker, side: "bid", count: "10", price: "0.99", timeInForce });
await lab.trading.place({ ticker, side: "ask", count: "4", price: "0.01", timeInForce });

const fills = await lab.fills({ ticker });
console.log(tableText(fills.select("created_time", "book_side", "yes_price", "count", "fee_cost", "is_taker")));

// What is still open is valued at a mark, here the market's last price.
const market = await lab.markets({ ticker });
const profit = pnl({ fills, marks: { [ticker]: String(market.get("last_price", 0)) } });
console.log(tableText(profit.markets));
const { realized, unrealized, fees, net } = profit.toJSON().total;
console.log(`realized ${realized} + unrealized ${unrealized} − fees ${fees} = net ${net}`);
