import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { chartPage } from "../../src/charts/html.js";
import { connect } from "../../src/lab/connect.js";
import { writeFileAtomic } from "../../src/store/atomic-file.js";
import { accountCharts, paperCharts } from "./account.js";
import { forecastCharts } from "./forecasts.js";
import { historyCharts } from "./history.js";
import { liveCharts } from "./live.js";

/**
 * `npm run gallery`: every chart on one page that needs no network. With `-- --data DIR` those of trades, candles, forecasts and profit are of real
 * records; those of quotes and books stay the sandbox's, since such a folder has none, and say so.
 */
const program = new Command("gallery")
  .description("every chart on one page")
  .option("--data <dir>", "serve a folder of real records")
  .option("--out <file>", "where the page goes", "out/gallery.html")
  .option("--seconds <n>", "how long the live market is recorded", Number, 40)
  .option("--timezone <name>", "zone of the axes of the market's own day", "America/New_York");

program.action(async (flags: { data?: string; out: string; seconds: number; timezone: string }) => {
  const folder = mkdtempSync(join(tmpdir(), "kalshi-gallery-"));
  await using lab = await connect({ env: "sandbox", sandbox: flags.data === undefined ? [] : ["--data", flags.data] });
  const isReal = flags.data !== undefined;
  const source = isReal ? "real records" : "the generated world";
  const live = isReal ? "the sandbox: the folder of real records has no quotes or books" : "the sandbox's live market";
  const recorded = liveCharts(lab, { dir: join(folder, "recording"), seconds: flags.seconds, source: live });
  // Whatever fails first is told; the other is not left without anybody waiting for it.
  const [history, books] = await Promise.all([historyCharts(lab, { timezone: flags.timezone, source }), recorded]);
  const profit = isReal ? await paperCharts(lab, source) : await accountCharts(lab);
  const figures = [...history, ...(await forecastCharts(lab, source)), ...profit, ...books];
  mkdirSync(dirname(flags.out), { recursive: true });
  const about = `${figures.length} charts: ${figures.length - books.length} of ${source}, ${books.length} of ${live}`;
  const page = await chartPage({ title: "Kalshi Lab: charts", about, figures });
  await writeFileAtomic(flags.out, page);
  rmSync(folder, { recursive: true });
  console.log(
    `${figures.length} charts, ${(page.length / 1e6).toFixed(1)} MB: ${pathToFileURL(resolve(flags.out)).href}`,
  );
});

await program.parseAsync();
