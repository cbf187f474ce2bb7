import { type Command, Option } from "commander";
import { KalshiError } from "../errors.js";
import { connect } from "../lab/connect.js";
import type { Ask, Lab } from "../lab/lab.js";
import type { Saved } from "../lab/query.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { isNoun, type NounName, nounNames } from "./nouns.js";
import { list, printJson, say, sourcesText, warn } from "./output.js";
import { stopSignal } from "./stop.js";

interface Flags extends ConnectionFlags {
  readonly ticker?: string[];
  readonly event?: string[];
  readonly series?: string[];
  readonly from?: string;
  readonly to?: string;
  readonly period: string;
  readonly out: string;
  readonly json?: boolean;
}

interface Savable {
  save(path: string): Promise<Saved>;
}

/** What can be downloaded, by the command's first argument. */
const nouns: Readonly<Record<NounName, (lab: Lab, ask: Ask, flags: Flags) => Savable>> = {
  trades: (lab, ask) => lab.trades(ask),
  markets: (lab, ask) => lab.markets(ask),
  candlesticks: (lab, ask, flags) => lab.candlesticks({ ...ask, period: Number(flags.period) as 60 }),
  fills: (lab, ask) => lab.fills(ask),
  orders: (lab, ask) => lab.orders(ask),
  positions: (lab, ask) => lab.positions(ask),
  settlements: (lab, ask) => lab.settlements(ask),
  series: (lab, ask) => lab.series(ask),
  events: (lab, ask) => lab.events(ask),
};

/** `kalshi-lab download NOUN … --out FILE`: resumable, with a manifest beside the file. */
export function registerDownload(program: Command): void {
  const command = program
    .command("download <noun>")
    .description(
      `download into a .csv, .parquet or .arrow file: ${nounNames.join(", ")}; run it again to go on after a stop`,
    );
  withConnection(command)
    .option("--ticker <id...>", "markets, separated by spaces or commas")
    .option("--event <id...>", "events, likewise")
    .option("--series <id...>", "series, likewise")
    .option("--from <time>", 'included: RFC 3339, a date, or "-7d"')
    .option("--to <time>", "not included")
    .addOption(new Option("--period <minutes>", "of candlesticks").choices(["1", "60", "1440"]).default("60"))
    .requiredOption("--out <file>", "where to: .csv, .parquet or .arrow")
    .option("--json", "print what was saved as JSON")
    .action(async (noun: string, flags: Flags) => {
      if (!isNoun(noun)) {
        throw new KalshiError("BAD_ARGUMENT", `cannot download ${JSON.stringify(noun)}`, {
          hint: `name one of ${nounNames.join(", ")}`,
          context: { noun },
        });
      }
      const ask = nouns[noun];
      const signal = stopSignal();
      const lab = await connect({ ...connectionOf(flags), signal });
      try {
        const subject = {
          ...(flags.ticker === undefined ? {} : { tickers: flags.ticker.flatMap(list) }),
          ...(flags.event === undefined ? {} : { event: flags.event.flatMap(list) }),
          ...(flags.series === undefined ? {} : { series: flags.series.flatMap(list) }),
          from: flags.from,
          to: flags.to,
          signal,
        };
        report(await ask(lab, subject, flags).save(flags.out), flags.json === true);
      } finally {
        await lab.close();
      }
    });
}

function report(saved: Saved, json: boolean): void {
  if (json) {
    printJson(saved);
    return;
  }
  const tell = saved.provenance.complete ? say : warn;
  tell(`${saved.path}: ${sourcesText(saved)}${saved.resumed ? " (gone on with)" : ""}`);
}
