import type { Command } from "commander";
import { KalshiError } from "../errors.js";
import { connect } from "../lab/connect.js";
import { find, SHOWN } from "../lab/search.js";
import { type ConnectionFlags, connectionOf, withConnection } from "./connection.js";
import { printTable, say } from "./output.js";
import { stopSignal } from "./stop.js";

interface Flags extends ConnectionFlags {
  readonly limit: number;
  readonly json?: boolean;
}

/** `kalshi-lab search TEXT`: series, events and markets by words. */
export function registerSearch(program: Command): void {
  withConnection(program.command("search <text...>"))
    .description("find series, events and open markets by words")
    .option("--limit <n>", "most hits to print", limit, SHOWN)
    .option("--json", "print JSON")
    .action(async (words: string[], flags: Flags) => {
      const signal = stopSignal();
      const lab = await connect({ ...connectionOf(flags), signal });
      try {
        const { table, total } = await find(lab.client, words.join(" "), { limit: flags.limit, signal });
        printTable(table, flags.json === true, flags.limit);
        if (table.numRows() < total) say(`${table.numRows()} of ${total} shown; --limit gives more`);
      } finally {
        await lab.close();
      }
    });
}

function limit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new KalshiError("BAD_ARGUMENT", `not a number of hits: ${JSON.stringify(text)}`, {
    hint: "give a whole number above zero, such as 200",
    context: { text },
  });
}
