// Trades of one event across the cutoff, as a table: npx tsx examples/trades.ts
// Prints the same table as the cell of notebooks/01-prices.ipynb that ends in `trades`.
import { connect, provenance, tableText } from "kalshi-lab";

await using lab = await connect();
const series = process.argv[2] ?? "AVONHIGH";
const markets = await lab.markets({ series });
const cutoff = Date.parse(provenance(markets)?.cutoffs?.trades_created ?? "");
const straddling = markets
  .params({ cutoff })
  .filter(
    (m: { open_time: number; close_time: number }, $: { cutoff: number }) =>
      m.open_time < $.cutoff && m.close_time > $.cutoff,
  )
  .orderby("event_ticker", "ticker");
const event = String(straddling.get("event_ticker", 0));
const trades = await lab.trades({ event });
console.log(tableText(trades));
