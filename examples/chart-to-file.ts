// One event as a chart in a file: npx tsx examples/chart-to-file.ts [FILE.png|.svg|.html|.json] [EVENT]
// The picture of the README is made by it: npx tsx examples/chart-to-file.ts docs/event.png
import { chart, connect } from "kalshi-lab";

const file = process.argv[2] ?? "out/event.png";
const event = process.argv[3] ?? "AVONHIGH-26AUG30";
await using lab = await connect();
const markets = await lab.markets({ event });
const trades = await lab.trades({ event });
const named = markets.objects() as { ticker: string; yes_sub_title: string }[];
const labels = Object.fromEntries(named.map((market) => [market.ticker, market.yes_sub_title]));
const picture = chart.event(trades, { labels, title: `${event}: probability of each outcome` });
await picture.save(file);
console.log(`${file}: ${picture.rows} trades of ${named.length} markets`);
